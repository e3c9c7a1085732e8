/** JSON lines become values and back; what is wrong is told by line and field, never by value. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventFromLine, lineOfEvent, valueFromJson, valueFromLine } from '../../src/codec/json.ts'
import { allTopics, keyOf } from '../../src/codec/topics.ts'
import { SAMPLES, sampleOf, T0 } from './samples.ts'

const RESPONSES = 'inference.responses.v1'

describe.each(allTopics())('%s', (topic) => {
  it('comes back from its own JSON', () => {
    expect(valueFromLine(topic, JSON.stringify(SAMPLES[topic]), 1)).toEqual({
      ok: true,
      value: SAMPLES[topic],
    })
  })

  it('comes back from the line of an event', () => {
    const value = sampleOf(topic)
    const event = { topic, key: keyOf(topic, value), value, appendTimeMs: T0 }
    expect(eventFromLine(lineOfEvent(event), 1)).toEqual({ ok: true, value: event })
  })
})

describe('a value', () => {
  it('needs only what is required; the rest is null', () => {
    const required = {
      eventId: 'e',
      requestId: 'r',
      accountId: 'a',
      keyId: 'k',
      operationName: 'chat',
      requestModel: 'm',
      requestedAtMs: T0,
      completedAtMs: T0,
      inputTokens: 1,
      outputTokens: 1,
      status: 'ok',
      finishReason: 'stop',
    }
    const result = valueFromJson(RESPONSES, required)
    expect(result).toMatchObject({ ok: true, value: { poolId: null, media: null, gpuSeconds: null } })
  })

  it('gets nulls inside of lists and records too', () => {
    const quota = { requestsPerHour: 10 }
    const result = valueFromJson('accounts.state.v1', { ...SAMPLES['accounts.state.v1'], quota })
    expect(result).toMatchObject({ value: { quota: { requestsPerMinute: null, requestsPerHour: 10 } } })
  })

  it('of the control topic is one thing: a bundle, a switch or a list', () => {
    const sample = SAMPLES['bailiff.control.v1']
    const list = { name: 'partners', accountIds: ['account-1'] }
    const read = (more: object) => valueFromJson('bailiff.control.v1', { ...sample, ...more }).ok
    expect(read({ killSwitch: null, list })).toBe(true)
    expect(read({ killSwitch: null, list: null })).toBe(false)
    expect(read({ list })).toBe(false)
  })

  const wrong: [string, object, string][] = [
    ['a misspelt field', { completedAt: T0 }, 'completedAt: no such field in inference.responses.v1'],
    [
      'a misspelt field within',
      { media: [{ shaa256: 'x' }] },
      'media[0].shaa256: no such field in inference.responses.v1',
    ],
    ['a field named like a method', { toString: 1 }, 'toString: no such field in inference.responses.v1'],
    ['a missing field', { accountId: undefined }, 'accountId: missing'],
    ['text for a number', { inputTokens: '12' }, 'inputTokens: a whole number expected, within its bounds'],
    [
      'a fraction of a token',
      { inputTokens: 1.5 },
      'inputTokens: a whole number expected, within its bounds',
    ],
    [
      'a strange symbol',
      { finishReason: 'tool_calls' },
      'finishReason: one of stop, length, content_filter, tool_call, error, none expected, within its bounds',
    ],
    [
      'a strange symbol within',
      { outputMessages: [{ role: 'developer', text: '' }] },
      'outputMessages[0].role: one of system, user, tool, retrieved, assistant expected, within its bounds',
    ],
    [
      'neither text nor reference',
      { outputMessages: [{ role: 'user' }] },
      'outputMessages[0].text or reference: exactly one of them is to be set',
    ],
  ]
  it.each(wrong)('with %s', (_name, change, problem) => {
    const line = JSON.stringify({ ...SAMPLES[RESPONSES], ...change })
    expect(valueFromLine(RESPONSES, line, 7)).toEqual({ ok: false, problem: `line 7: ${problem}` })
  })

  it.each([
    ['no JSON', '{"eventId":', 'line 3: not JSON'],
    ['a number', '7', `line 3: ${RESPONSES}: an object expected, within its bounds`],
    ['null', 'null', `line 3: ${RESPONSES}: an object expected, within its bounds`],
  ])('from %s', (_name, line, problem) => {
    expect(valueFromLine(RESPONSES, line, 3)).toEqual({ ok: false, problem })
  })

  it('never throws, whatever the JSON, and never quotes it', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...allTopics()), (json, topic) => {
        expect(valueFromLine(topic, json, 1)).toHaveProperty('ok')
      }),
    )
    const secret = { ...SAMPLES[RESPONSES], status: 'a secret', accountId: 5 }
    expect(JSON.stringify(valueFromJson(RESPONSES, secret))).not.toContain('secret')
  })
})

describe('an event', () => {
  const appeal = SAMPLES['abuse.appeals.v1']
  const line = (event: object): string =>
    JSON.stringify({ topic: 'abuse.appeals.v1', value: appeal, ...event })

  it('is keyed by its value where the line names no key', () => {
    expect(eventFromLine(line({}), 1)).toMatchObject({ value: { key: 'account-1', appendTimeMs: null } })
    expect(eventFromLine(line({ key: 'other' }), 1)).toMatchObject({ value: { key: 'other' } })
  })

  it('takes the append time in milliseconds or as a date', () => {
    expect(eventFromLine(line({ appendTime: T0 }), 1)).toMatchObject({ value: { appendTimeMs: T0 } })
    expect(eventFromLine(line({ appendTime: '2026-01-01T00:00:00Z' }), 1)).toMatchObject({
      value: { appendTimeMs: T0 },
    })
    expect(eventFromLine(line({ appendTimeMs: T0 }), 1)).toMatchObject({ value: { appendTimeMs: T0 } })
  })

  it.each<[string, object, string]>([
    ['a strange topic', { topic: 'abuse.appeal.v1' }, 'line 9: topic: no topic of the design'],
    [
      'no topic',
      { topic: undefined },
      'line 9: topic: missing; a line is what `bailiff tail TOPIC --envelope` prints',
    ],
    ['no time', { appendTime: 'yesterday' }, 'line 9: appendTime: neither milliseconds nor a date'],
    ['a key that is no text', { key: 5 }, 'line 9: key: text expected'],
    ['no value', { value: undefined }, 'line 9: abuse.appeals.v1: missing'],
  ])('with %s', (_name, change, problem) => {
    expect(eventFromLine(line(change), 9)).toEqual({ ok: false, problem })
  })
})
