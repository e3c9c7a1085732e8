/** Every word of every collection reads something of its own events, and nothing of others'. */
import { describe, expect, it } from 'vitest'
import { sortHosts } from '../../src/domain/own-hosts.ts'
import { vocabularyOf, type Vocabulary } from '../../src/topology/vocabulary.ts'
import { SAMPLES } from '../codec/samples.ts'

const EVENTS = {
  usage: SAMPLES['inference.usage.v1'],
  verdicts: sortHosts(SAMPLES['inference.verdicts.v1'], SAMPLES['accounts.state.v1']),
  accountEvents: SAMPLES['accounts.events.v1'],
  telemetry: SAMPLES['gpu.telemetry.v1'],
} as const

/** Sub-keys are read from whatever names them, so that a feature by key is known while another event is judged. */
const SHARED = ['keyId', 'projectId', 'endUserId', 'conversationId', 'poolId']

function readAll(vocabulary: Vocabulary, event: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(vocabulary).map(([word, field]) => [word, field.read(event)]))
}

const collections = ['usage', 'verdicts', 'accountEvents', 'telemetry'] as const

describe.each(collections)('%s', (collection) => {
  it('reads its own events as its types say', () => {
    for (const [word, field] of Object.entries(vocabularyOf(collection))) {
      const value = field.read(EVENTS[collection])
      const scored = SCORED.has(word) || collection !== 'verdicts' || field.type !== 'number'
      if (scored) expect([word, typeof value]).toEqual([word, field.type === 'text' ? 'string' : 'number'])
    }
  })

  it('knows nothing of what is not its own', () => {
    const own = Object.keys(vocabularyOf(collection)).filter((word) => !SHARED.includes(word))
    for (const other of [
      null,
      3,
      'text',
      ...collections.filter((one) => one !== collection).map((one) => EVENTS[one]),
    ]) {
      const read = readAll(vocabularyOf(collection), other)
      expect(own.filter((word) => read[word] !== null)).toEqual([])
    }
  })
})

/** Words of a verdict that do not depend on which labels were scored. */
const SCORED = new Set(['characters', 'slotOrdinal'])

describe('derived words', () => {
  it('gpusMissing is never below zero, and unknown where nobody said how many there should be', () => {
    const { gpusMissing } = vocabularyOf('telemetry')
    const sample = { ...EVENTS.telemetry, gpuCount: 8 }
    const missing = (gpuCountExpected: number | null) => gpusMissing?.read({ ...sample, gpuCountExpected })
    expect([missing(10), missing(8), missing(4), missing(null)]).toEqual([2, 0, 0, null])
  })

  it('scores stand under their labels; what was not scored is unknown', () => {
    const scores = [{ label: 'malware', score: 0.9, logLikelihoodRatio: 3.5 }]
    const read = readAll(vocabularyOf('verdicts'), { ...EVENTS.verdicts, scores })
    expect(read).toMatchObject({ malware: 0.9, malwareRatio: 3.5, wmd: null, wmdRatio: null })
  })

  it('minute is the same within a minute of event time', () => {
    const { minute } = vocabularyOf('usage')
    const at = (occurredAtMs: number) => minute?.read({ ...EVENTS.usage, occurredAtMs })
    expect(at(60_000)).toBe(at(119_999))
    expect(at(60_000)).not.toBe(at(120_000))
  })
})
