/**
 * Where schemas come from: a registry, or the files themselves. test/codec/schema-source.ts holds both to this.
 *
 * R1. An id means one schema for ever.
 * R2. What cannot be had now throws TransientError; what is not there is null.
 */
export interface SchemaSource {
  /** The schema of an id as JSON text; null where no such id exists. */
  schemaById(id: number): Promise<string | null>
  /** The id under which the subject holds this schema; null where it does not. Registers nothing. */
  idFor(subject: string, schema: string): Promise<number | null>
}

/** A topic's subject, by TopicNameStrategy. */
export function valueSubject(topic: string): string {
  return `${topic}-value`
}

/**
 * The schemas of the table under ids of our own, from 1 in the table's order: what `replay`, `demo` and tests run
 * on. Ids hold within one process only; nothing with them is kept.
 */
export class EmbeddedSchemas implements SchemaSource {
  readonly #schemas: readonly string[]
  readonly #bySubject: ReadonlyMap<string, string>

  /** `schemas`: topic to schema, in order. Equal schemas share an id, as in a registry. */
  constructor(schemas: ReadonlyMap<string, string>) {
    this.#schemas = [...new Set(schemas.values())]
    this.#bySubject = new Map([...schemas].map(([topic, schema]) => [valueSubject(topic), schema]))
  }

  async schemaById(id: number): Promise<string | null> {
    return this.#schemas[id - 1] ?? null
  }

  async idFor(subject: string, schema: string): Promise<number | null> {
    return this.#bySubject.get(subject) === schema ? this.#schemas.indexOf(schema) + 1 : null
  }
}
