/**
 * The folder `schemas/`: the topic table and one Avro schema per topic, read once at start.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RefusedError } from '../engine/errors.ts'
import { createCodec, type Codec } from './codec.ts'
import { EmbeddedSchemas } from './schema-source.ts'
import { parseTopicTable, type PartitionCounts, type TopicTable } from './topic-table.ts'
import type { Topic } from './topic-types.ts'

/** The folder that is shipped with this code. */
export const SCHEMA_FOLDER = fileURLToPath(new URL('../../schemas', import.meta.url))

export interface Flows {
  readonly table: TopicTable
  /** Topic to its schema as JSON text in one line: what is registered, and what ids stand for. */
  readonly schemas: ReadonlyMap<Topic, string>
}

/** Reads table and schemas. Throws RefusedError with every problem that it finds. */
export function loadFlows(partitions: PartitionCounts = {}, folder: string = SCHEMA_FOLDER): Flows {
  const file = join(folder, 'topics.yaml')
  const table = parseTopicTable(readText(file), file, partitions)
  const schemas = new Map(table.topics.map((entry) => [entry.name, readSchema(join(folder, entry.schema))]))
  return { table, schemas }
}

/** A codec that needs no registry, with all topics ready. */
export async function embeddedCodec(flows: Flows): Promise<Codec> {
  const codec = createCodec({ schemas: flows.schemas, source: new EmbeddedSchemas(flows.schemas) })
  await codec.ready([...flows.schemas.keys()])
  return codec
}

function readSchema(file: string): string {
  const text = readText(file)
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new RefusedError(`${file}: not JSON; an .avsc file is one Avro schema in JSON`, { cause: error })
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RefusedError(`${file}: cannot be read`, { cause: error })
  }
}
