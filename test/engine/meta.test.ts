/** What stands in a checkpoint beside the state: it is written with every commit, ten times a second and task. */
import { expect, it } from 'vitest'
import type { Layout } from '../../src/engine/logic.ts'
import { decodeMeta, MetaWriter, type Meta } from '../../src/engine/meta.ts'

const META: Meta = {
  stateVersion: 3,
  edition: 2,
  partitionCount: 6,
  frontierMs: 1_000,
  newestEventMs: 2_000,
  layout: { parts: { a: null, b: 5 }, forms: { '1m': 'as "this"' } },
  taskState: 'known',
  sources: { 'usage.v1': { position: 9, streamTimeMs: null } },
  origins: { 'meter/0': [7, 1] },
  slots: { '1m:1': 60_000 },
  acknowledged: { 'signals.v1': 4 },
}

const written = (writer: MetaWriter, meta: Meta): Meta => decodeMeta(writer.encode(meta), 'tally/0', 3)

it('is read as it was written, by each commit of a task', () => {
  const writer = new MetaWriter()
  expect(written(writer, META)).toMatchObject(META)
  const later = { ...META, frontierMs: 3_000, layout: { parts: {}, forms: {} } }
  expect(written(writer, later)).toMatchObject(later)
  expect(written(writer, later).layout).toEqual(later.layout)
})

it('holds of what the logic knows of its cells no more than is read again', () => {
  const layout: Layout & { readonly plan: string } = { ...META.layout, plan: 'for this process alone' }
  expect(written(new MetaWriter(), { ...META, layout }).layout).toEqual(META.layout)
})
