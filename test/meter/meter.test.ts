import { describe, expect, it } from 'vitest'
import type { InferenceEventBase, InferenceRequest, InferenceResponse } from '../../src/domain/inference.ts'
import { Meter } from '../../src/meter/meter.ts'

const hashKey = { id: 'k1', secret: Buffer.alloc(32, 7) }
const meter = new Meter({ hashKey })

const base: InferenceEventBase = {
  eventId: 'e1',
  requestId: 'r1',
  accountId: 'a1',
  keyId: 'key1',
  organizationId: 'o1',
  projectId: null,
  endUserId: 'u1',
  conversationId: null,
  operationName: 'chat',
  requestModel: 'assistant-70b',
  poolId: 'p1',
  serverAddress: null,
  clientAddress: '198.51.100.17',
  userAgent: 'sdk/1.2',
  traceparent: null,
  requestedAtMs: 1_000,
  inputMessages: [{ role: 'user', text: 'the secret question', reference: null }],
}

const request: InferenceRequest = { ...base, maxTokens: null, stream: null, media: null }

const response: InferenceResponse = {
  ...base,
  responseModel: null,
  startedAtMs: 1_500,
  completedAtMs: 4_000,
  inputTokens: 3_000,
  outputTokens: 350,
  cacheReadInputTokens: 500,
  gpuSeconds: 2.5,
  queueTimeMs: 500,
  status: 'ok',
  finishReason: 'stop',
  retryAfterMs: null,
  billed: true,
  outputMessages: [{ role: 'assistant', text: 'the secret answer', reference: null }],
  media: null,
}

describe('a usage record', () => {
  it('of a request tells who came when, and that nothing was used yet', () => {
    const record = meter.arrived(request)
    expect(record).toMatchObject({
      phase: 'arrived',
      requestId: 'r1',
      occurredAtMs: 1_000,
      model: 'assistant-70b',
    })
    expect(record).toMatchObject({ status: null, durationMs: null, gpuSeconds: 0, outputTokens: 0 })
  })

  it('of a response tells what was used until it ended', () => {
    const record = meter.completed(response)
    expect(record).toMatchObject({ phase: 'completed', occurredAtMs: 4_000, durationMs: 3_000, status: 'ok' })
    expect(record).toMatchObject({
      gpuSeconds: 2.5,
      gpuSecondsEstimated: false,
      queueTimeMs: 500,
      billed: true,
    })
  })

  it('holds no text, no address and no user agent', () => {
    const text = JSON.stringify([meter.arrived(request), meter.completed(response)])
    for (const secret of ['secret', '198.51', 'sdk/1.2']) expect(text).not.toContain(secret)
  })

  it('names the model that answered', () => {
    expect(meter.completed({ ...response, responseModel: 'assistant-8b' }).model).toBe('assistant-8b')
  })

  it('never lasts less than no time, whatever two clocks say', () => {
    expect(meter.completed({ ...response, completedAtMs: 900 }).durationMs).toBe(0)
  })
})

describe('GPU seconds without the platform’s figure', () => {
  it('are estimated from uncached prompt tokens and generated tokens, and marked', () => {
    const record = meter.completed({ ...response, gpuSeconds: null })
    expect(record).toMatchObject({ gpuSeconds: 2, gpuSecondsEstimated: true })
  })

  it('are none for a request that was turned away', () => {
    const turnedAway = {
      ...response,
      gpuSeconds: null,
      status: 'rate_limited',
      finishReason: 'none',
    } as const
    expect(meter.completed(turnedAway).gpuSeconds).toBe(0)
  })

  it('take the speed that the operator measured before ours', () => {
    const speed = { prefillTokensPerGpuSecond: 1_000, decodeTokensPerGpuSecond: 100 }
    const measured = new Meter({ hashKey, modelSpeeds: new Map([['assistant-70b', speed]]) })
    expect(measured.completed({ ...response, gpuSeconds: null }).gpuSeconds).toBe(6)
  })

  it('are never negative when the platform counts more cached tokens than there were', () => {
    const record = meter.completed({ ...response, gpuSeconds: null, cacheReadInputTokens: 9_000 })
    expect(record.gpuSeconds).toBe(1)
  })

  it.each([
    ['qwen2.5-0.5b-instruct', 0.1325],
    ['mixtral-8x7b', 2],
    ['llama-3.1-405b', 5.416667],
    ['assistant', 0.854167],
  ])('follow the size in the name: %s', (model, gpuSeconds) => {
    expect(meter.completed({ ...response, gpuSeconds: null, responseModel: model }).gpuSeconds).toBe(
      gpuSeconds,
    )
  })
})

describe('where a request came from', () => {
  const from = (clientAddress: string | null) => meter.arrived({ ...request, clientAddress })

  it('is 64 bits under the named key, and differs under another', () => {
    const other = new Meter({ hashKey: { id: 'k2', secret: Buffer.alloc(32, 8) } })
    expect(from('198.51.100.17').clientAddressHash).toMatch(/^[0-9a-f]{16}$/)
    expect(from('198.51.100.17').hashKeyId).toBe('k1')
    expect(other.arrived(request).clientAddressHash).not.toBe(from('198.51.100.17').clientAddressHash)
    expect(other.arrived(request).hashKeyId).toBe('k2')
  })

  it('stays unknown where the platform does not say', () => {
    const record = meter.arrived({ ...request, clientAddress: null, userAgent: null })
    expect(record).toMatchObject({ clientAddressHash: null, clientNetworkHash: null, userAgentHash: null })
  })

  it('shares a network with its neighbours and with nobody else', () => {
    expect(from('198.51.100.200').clientNetworkHash).toBe(from('198.51.100.17').clientNetworkHash)
    expect(from('198.51.101.17').clientNetworkHash).not.toBe(from('198.51.100.17').clientNetworkHash)
    expect(from('2001:db8:1:2::9').clientNetworkHash).toBe(from('2001:db8:1:ffff::1').clientNetworkHash)
    expect(from('2001:db8:2::1').clientNetworkHash).not.toBe(from('2001:db8:1::1').clientNetworkHash)
  })

  it.each([
    ['::ffff:198.51.100.17', '198.51.100.17'],
    ['::FFFF:c633:6411', '198.51.100.17'],
    ['198.51.100.17:51234', '198.51.100.17'],
    ['[2001:DB8::1]:443', '2001:db8:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80::1'],
    [' 198.51.100.17 ', '198.51.100.17'],
  ])('is one hash for every writing of one address: %s', (written, plain) => {
    expect(from(written).clientAddressHash).toBe(from(plain).clientAddressHash)
    expect(from(written).clientNetworkHash).toBe(from(plain).clientNetworkHash)
  })

  it('has no network where it is no IP address', () => {
    const record = from('edge-7.internal')
    expect(record.clientAddressHash).not.toBeNull()
    expect(record.clientNetworkHash).toBeNull()
  })

  it('never confuses an address with a user agent that reads the same', () => {
    const record = meter.arrived({ ...request, userAgent: '198.51.100.17' })
    expect(record.userAgentHash).not.toBe(record.clientAddressHash)
  })

  it('is the same after the cache has forgotten it', () => {
    const small = new Meter({ hashKey, cacheEntries: 2 })
    const first = small.arrived(request).clientAddressHash
    for (let n = 0; n < 50; n++) small.arrived({ ...request, clientAddress: `192.0.2.${n}` })
    expect(small.arrived(request).clientAddressHash).toBe(first)
  })
})

it('a hash key that can be guessed is refused', () => {
  expect(() => new Meter({ hashKey: { id: 'short', secret: Buffer.alloc(4) } })).toThrow(/short has 4 bytes/)
})
