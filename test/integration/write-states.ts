/** States of new accounts, as an account service writes them, or with a schema id that is not theirs. */
import { randomUUID } from 'node:crypto'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { SAMPLES } from '../codec/samples.ts'
import { services } from '../support/integration.ts'
import { RawWriter } from './raw-records.ts'

const STATES = 'accounts.state.v1'
const PARTITIONS = 6

export type WriteStates = (count: number, schemaId?: number) => Promise<void>

/** Asks the registry for the schema once, so that it may be away when states are written. */
export async function statesWriter(): Promise<WriteStates> {
  const options = { baseUrl: services().registryUrl, clock: systemClock, ...REGISTRY_DEFAULTS }
  const codec = createCodec({ schemas: loadFlows().schemas, source: new RegistryClient(options) })
  await codec.ready([STATES])
  return (count, schemaId) => writeStates(codec, count, schemaId)
}

async function writeStates(codec: Codec, count: number, schemaId?: number): Promise<void> {
  const writer = new RawWriter()
  await writer.connect()
  for (let n = 0; n < count; n++) {
    const accountId = randomUUID()
    const value = codec.encode(STATES, { ...SAMPLES[STATES], accountId, updatedAtMs: Date.now() })
    if (schemaId !== undefined) value.writeInt32BE(schemaId, 1)
    await writer.write(STATES, partitionOf(Buffer.from(accountId), PARTITIONS), [{ key: accountId, value }])
  }
  await writer.close()
}
