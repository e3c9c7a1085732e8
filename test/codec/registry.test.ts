/** The registry client: what it asks, what it remembers, and which trouble it takes for passing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas } from '../../src/codec/schema-source.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import { RefusedError, TransientError } from '../../src/engine/errors.ts'
import { RegistryServer } from './registry-server.ts'
import { describeSchemaSource } from './schema-source-suite.ts'

const flows = loadFlows()
const SUBJECT = 'abuse.appeals.v1-value'
const SCHEMA = flows.schemas.get('abuse.appeals.v1') ?? ''
const clock = new ManualClock(1_000_000)
let server: RegistryServer
let baseUrl: string
let client: RegistryClient

beforeEach(async () => {
  server = new RegistryServer()
  baseUrl = await server.listen()
  client = new RegistryClient({ baseUrl, clock, timeoutMs: 5_000, absentForMs: 10_000 })
})
afterEach(() => server.close())

describeSchemaSource('EmbeddedSchemas', async () => ({
  source: new EmbeddedSchemas(flows.schemas),
  subject: SUBJECT,
  schema: SCHEMA,
}))

describeSchemaSource('RegistryClient', async () => {
  await client.register(SUBJECT, SCHEMA)
  return { source: client, subject: SUBJECT, schema: SCHEMA }
})

describe('schemaById', () => {
  it('asks once for many callers at a time, and never again', async () => {
    await client.register(SUBJECT, SCHEMA)
    server.requests.length = 0
    await Promise.all(Array.from({ length: 20 }, () => client.schemaById(1)))
    await client.schemaById(1)
    expect(server.requests).toEqual(['GET /schemas/ids/1'])
  })

  it('believes that an id is missing for a while, then asks again', async () => {
    expect(await client.schemaById(1)).toBeNull()
    expect(await client.schemaById(1)).toBeNull()
    expect(server.requests).toHaveLength(1)
    await client.register(SUBJECT, SCHEMA)
    expect(await client.schemaById(1)).toBeNull()
    clock.advanceTo(clock.now() + 10_000)
    expect(await client.schemaById(1)).toBe(SCHEMA)
  })

  it.each(['broken', 'not a registry'] as const)('waits while the registry is %s', async (mood) => {
    server.mood = mood
    await expect(client.schemaById(1)).rejects.toBeInstanceOf(TransientError)
    server.mood = 'well'
    await client.register(SUBJECT, SCHEMA)
    expect(await client.schemaById(1)).toBe(SCHEMA)
  })

  it('says what to check where something else answers', async () => {
    server.mood = 'not a registry'
    await expect(client.schemaById(1)).rejects.toThrow('check the path in SCHEMA_REGISTRY_URL')
  })

  it('waits while nobody listens', async () => {
    const gone = new RegistryClient({
      baseUrl: 'http://127.0.0.1:9',
      clock,
      timeoutMs: 5_000,
      absentForMs: 1,
    })
    await expect(gone.schemaById(1)).rejects.toMatchObject({ name: 'TransientError', service: 'registry' })
  })

  it('does not wait for ever for an answer', async () => {
    server.mood = 'silent'
    const hasty = new RegistryClient({ baseUrl, clock, timeoutMs: 50, absentForMs: 1 })
    await expect(hasty.schemaById(1)).rejects.toBeInstanceOf(TransientError)
  })

  it('needs a person where the registry refuses us', async () => {
    server.mood = 'forbidding'
    await expect(client.schemaById(1)).rejects.toBeInstanceOf(RefusedError)
  })
})

describe('the address', () => {
  it('may hold a user and a password, which travel as a header', async () => {
    const url = baseUrl.replace('http://', 'http://reader:p%40ss@')
    await new RegistryClient({ baseUrl: `${url}/`, clock, timeoutMs: 5_000, absentForMs: 1 }).subjects()
    expect(server.authorization).toBe(`Basic ${Buffer.from('reader:p@ss').toString('base64')}`)
    expect(server.requests).toEqual(['GET /subjects'])
  })

  it('shows no password in what it says of trouble', async () => {
    server.mood = 'broken'
    const url = baseUrl.replace('http://', 'http://reader:hidden@')
    const client = new RegistryClient({ baseUrl: url, clock, timeoutMs: 5_000, absentForMs: 1 })
    const error = await client.subjects().catch(String)
    expect(error).toContain('status 503 no leader')
    expect(error).not.toContain('hidden')
  })
})

describe('register', () => {
  it('tells why a schema was refused', async () => {
    server.refuses.add(SUBJECT)
    expect(await client.register(SUBJECT, SCHEMA)).toEqual({
      outcome: 'incompatible',
      reason: 'READER_FIELD_MISSING_DEFAULT_VALUE',
    })
  })

  it('sets and reads the level of a subject', async () => {
    expect(await client.compatibility(SUBJECT)).toBeNull()
    await client.setCompatibility(SUBJECT, 'FULL_TRANSITIVE')
    expect(await client.compatibility(SUBJECT)).toBe('FULL_TRANSITIVE')
    await client.register(SUBJECT, SCHEMA)
    expect(await client.subjects()).toEqual([SUBJECT])
  })
})
