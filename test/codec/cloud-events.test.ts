/** Headers of our outputs: binary-mode CloudEvents that name each record for ever. */
import { describe, expect, it } from 'vitest'
import { cloudEventHeaders } from '../../src/codec/cloud-events.ts'
import { SAMPLES } from './samples.ts'

describe('cloudEventHeaders', () => {
  it('tells the context of a sanction, and passes the trace on', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const cause = { traceparent: Buffer.from(traceparent), cookie: 'stays behind' }
    expect(
      cloudEventHeaders('abuse.sanctions.v1', SAMPLES['abuse.sanctions.v1'], 'enforcement', cause),
    ).toEqual({
      'content-type': 'application/avro',
      ce_specversion: '1.0',
      ce_id: SAMPLES['abuse.sanctions.v1'].id,
      ce_source: 'urn:bailiff:enforcement',
      ce_type: 'bailiff.v1.Sanction',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_subject: 'account-1',
      traceparent,
    })
  })

  it('has no datacontenttype header and no trace of its own: the binding forbids the one, nobody began the other', () => {
    const headers = cloudEventHeaders('abuse.signals.v1', SAMPLES['abuse.signals.v1'], 'usage')
    expect(Object.keys(headers)).not.toContain('ce_datacontenttype')
    expect(Object.keys(headers)).not.toContain('traceparent')
  })

  it.each([
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['words of somebody', 'words of a prompt'],
    ['what is no text', Buffer.from([0xff, 0x00, 0xfe])],
    ['as many bytes as a trace has', 'x'.repeat(55)],
  ])('passes nothing on that stands where a trace would: %s (P7, P9)', (_name, traceparent) => {
    const headers = cloudEventHeaders('abuse.signals.v1', SAMPLES['abuse.signals.v1'], 'usage', {
      traceparent,
    })
    expect(Object.keys(headers)).not.toContain('traceparent')
  })

  it('gives segments and sides of one event ids of their own', () => {
    const verdict = SAMPLES['inference.verdicts.v1']
    const ids = [verdict, { ...verdict, segment: 3 }, { ...verdict, side: 'prompt' as const }].map(
      (value) => cloudEventHeaders('inference.verdicts.v1', value, 'classify')['ce_id'],
    )
    expect(new Set(ids).size).toBe(3)
  })

  it('gives the same record the same id again', () => {
    const pressure = SAMPLES['abuse.pool-pressure.v1']
    const id = (): unknown => cloudEventHeaders('abuse.pool-pressure.v1', pressure, 'capacity')['ce_id']
    expect(id()).toBe(id())
  })

  it('tells an open case from a closed one', () => {
    const open = SAMPLES['abuse.reviews.v1']
    const id = (status: 'open' | 'closed'): unknown =>
      cloudEventHeaders('abuse.reviews.v1', { ...open, status }, 'enforcement')['ce_id']
    expect(id('open')).not.toBe(id('closed'))
  })
})
