/** What every SchemaSource promises; run against the files, a registry over HTTP, and a real one. */
import { describe, expect, it } from 'vitest'
import type { SchemaSource } from '../../src/codec/schema-source.ts'

export interface SourceUnderTest {
  readonly source: SchemaSource
  /** A subject of the source, and the schema that it holds. */
  readonly subject: string
  readonly schema: string
}

const OTHER = JSON.stringify({ type: 'record', name: 'Other', fields: [{ name: 'only', type: 'int' }] })

export function describeSchemaSource(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`${name} as a schema source`, () => {
    it('gives the schema of an id that it gave', async () => {
      const { source, subject, schema } = await open()
      const id = await source.idFor(subject, schema)
      expect(JSON.parse((await source.schemaById(id ?? -1)) ?? 'null')).toEqual(JSON.parse(schema))
    })

    it('gives the same id every time', async () => {
      const { source, subject, schema } = await open()
      const ids = await Promise.all([1, 2, 3].map(() => source.idFor(subject, schema)))
      expect(new Set(ids).size).toBe(1)
      expect(ids[0]).toBeGreaterThan(0)
    })

    it('gives null for an id that does not exist', async () => {
      const { source } = await open()
      expect(await source.schemaById(2_000_000_000)).toBeNull()
    })

    it('gives null for a schema that the subject does not hold, and does not register it', async () => {
      const { source, subject } = await open()
      expect(await source.idFor(subject, OTHER)).toBeNull()
      expect(await source.idFor(subject, OTHER)).toBeNull()
    })

    it('gives null for a subject that does not exist', async () => {
      const { source, schema } = await open()
      expect(await source.idFor('nobody.ever.v1-value', schema)).toBeNull()
    })
  })
}
