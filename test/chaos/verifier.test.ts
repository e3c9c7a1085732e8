/** The verifier itself: content with a run that is right, and with nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sanctionId, signalId, uuidV5 } from '../../src/domain/ids.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith } from '../../src/sign/signature.ts'
import { usageRecord } from './records.ts'
import { judge } from './verifier/judge.ts'
import { fileOf, type Fields } from './verifier/lines.ts'

const SLOT_MS = 20_000
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % SLOT_MS)
const account = 'burst-1'
const actor = { accountId: account, level: 'account', id: account } as const

/** Topic to its values in order; a value of null is a tombstone under the account's key. */
type Topics = Record<string, (Fields | null)[]>

/** One account that bursts once, is restricted for ten seconds, and is free again. */
function rightRun(): Topics {
  const signal = signalId('chaos.burst', actor, START_MS / SLOT_MS, false)
  const sanction = sanctionId(account, 'chaos.burst', 0, 1)
  const issuedAtMs = START_MS + 9_000
  const restriction = {
    id: sanction,
    accountId: account,
    actor,
    act: 'restriction',
    scope: 'rate',
    scopeTarget: null,
    rateCeilingPerMinute: 60,
    clause: 'chaos.burst',
    reasonCode: 'chaos',
    step: 0,
    strikeOrdinal: 1,
    issuedAtMs,
    effectiveAtMs: issuedAtMs,
    endsAtMs: issuedAtMs + 10_000,
    endsSanctionId: null,
    endCause: null,
    automated: true,
    signalIds: [signal],
    shadow: false,
  }
  const lifting = {
    ...restriction,
    id: uuidV5('lifting', sanction),
    act: 'lifting',
    issuedAtMs: issuedAtMs + 10_050,
    endsAtMs: null,
    endsSanctionId: sanction,
    endCause: 'expired',
  }
  const events = Array.from({ length: 7 }, (_, n) => ({
    ...usageRecord({
      id: `r${n}`,
      accountId: account,
      keyId: 'k',
      model: 'burst',
      poolId: null,
      atMs: START_MS + 2_000 + n * 1_000,
    }),
  }))
  return {
    'inference.usage.v1': events,
    'abuse.signals.v1': [
      {
        id: signal,
        detectorId: 'chaos.burst',
        actor,
        occurredAtMs: START_MS + 7_000,
        pointers: [{ requestId: 'r5' }],
      },
    ],
    'abuse.preservation.v1': [{ id: uuidV5('preservation', signal) }],
    'abuse.sanctions.v1': [restriction, lifting],
    'abuse.standing.v1': [{ accountId: account, active: [{ sanctionId: sanction }] }, null],
  }
}

describe('the verifier of the chaos run', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-verifier-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function judged(topics: Topics): string {
    for (const [topic, values] of Object.entries(topics)) {
      const lines = values.map((value, offset) =>
        JSON.stringify({ topic, partition: 0, offset, timestampMs: 0, key: account, headers: {}, value }),
      )
      mkdirSync(dirname(fileOf(folder, topic)), { recursive: true })
      writeFileSync(fileOf(folder, topic), lines.join('\n'))
    }
    const { lost, doubled, wrong } = judge(folder, START_MS + 60_000)
    return `lost ${lost} doubled ${doubled} wrong ${wrong}`
  }

  function changed(topic: string, change: (values: (Fields | null)[]) => (Fields | null)[]): string {
    const run = rightRun()
    return judged({ ...run, [topic]: change(run[topic] ?? []) })
  }

  it('is content with a run that is right', () => {
    expect(judged(rightRun())).toBe('lost 0 doubled 0 wrong 0')
  })

  it.each(['abuse.preservation.v1', 'abuse.sanctions.v1'])('misses a record of %s', (topic) => {
    expect(changed(topic, (values) => values.slice(0, -1))).toBe('lost 1 doubled 0 wrong ' + wrongOf(topic))
  })

  it.each(['abuse.signals.v1', 'abuse.preservation.v1', 'abuse.sanctions.v1'])(
    'sees an id twice in %s',
    (topic) => {
      expect(changed(topic, (values) => [...values, ...values.slice(-1)])).toBe('lost 0 doubled 1 wrong 0')
    },
  )

  it('sees that a record was counted twice: the signal came too early', () => {
    const early = { occurredAtMs: START_MS + 6_000, pointers: [{ requestId: 'r4' }] }
    expect(changed('abuse.signals.v1', ([signal]) => [{ ...signal, ...early }])).toBe(
      'lost 0 doubled 0 wrong 1',
    )
  })

  it('sees a finding that was none', () => {
    expect(changed('inference.usage.v1', (events) => events.slice(0, 5))).toBe('lost 0 doubled 0 wrong 4')
  })

  it('counts what the platform sent twice once', () => {
    expect(changed('inference.usage.v1', (events) => [...events.slice(0, 1), ...events])).toBe(
      'lost 0 doubled 0 wrong 0',
    )
  })

  it('sees a lifting before its time', () => {
    const early = { issuedAtMs: START_MS + 18_000 }
    expect(changed('abuse.sanctions.v1', ([one, lifting]) => [one ?? null, { ...lifting, ...early }])).toBe(
      'lost 0 doubled 0 wrong 1',
    )
  })

  it('sees a standing that is not the fold of the sanctions', () => {
    expect(changed('abuse.standing.v1', (values) => values.slice(0, 1))).toBe('lost 0 doubled 0 wrong 1')
  })

  describe('of what people say', () => {
    const restriction = rightRun()['abuse.sanctions.v1']?.[0] ?? null
    const sanctionId = String(restriction?.['id'])
    const reversal = {
      ...restriction,
      id: uuidV5('reversal', sanctionId),
      act: 'reversal',
      endsAtMs: null,
      endsSanctionId: sanctionId,
      endCause: 'decision',
      automated: false,
      decidedBy: ['ann'],
    }
    const said = {
      id: 'decision',
      accountId: account,
      sanctionId,
      kind: 'reverse',
      decidedBy: 'ann',
      decidedAtMs: START_MS,
      signature: null,
    }

    /** The restriction, and what somebody with that key said of it; the verifier knows ann's key. */
    async function heard(
      word: Partial<typeof said>,
      ends: Fields[],
      aside: number,
      signs: 'ann' | 'eve' | null,
    ) {
      const [ann, eve] = [await newKey('ann', null), await newKey('ann', null)]
      writeFileSync(join(folder, 'signers.json'), JSON.stringify({ keys: [ann.publicKey] }))
      const signer = await signingWith(JSON.stringify((signs === 'eve' ? eve : ann).privateKey))
      const decision = { ...said, ...word }
      const signed = signs === null ? decision : await signer.sign(decision)
      return judged({
        ...rightRun(),
        'abuse.decisions.v1': [signed],
        'dlq.abuse.decisions.v1': Array.from({ length: aside }, () => null),
        'abuse.sanctions.v1': [restriction, ...ends],
      })
    }
    const lifting = rightRun()['abuse.sanctions.v1']?.[1] ?? {}

    it('wants what a signer undid undone', async () => {
      expect(await heard({}, [reversal], 0, 'ann')).toBe('lost 0 doubled 0 wrong 0')
    })

    it('misses what was not undone, and sees that it ended by itself', async () => {
      expect(await heard({}, [lifting], 0, 'ann')).toBe('lost 1 doubled 0 wrong 1')
    })

    it('sees who did not decide it', async () => {
      expect(await heard({}, [{ ...reversal, decidedBy: ['ben'] }], 0, 'ann')).toBe(
        'lost 0 doubled 0 wrong 1',
      )
    })

    it.each(['eve', null] as const)('sees that a word of nobody counted (%s)', async (signs) => {
      expect(await heard({}, [lifting], 1, signs)).toBe('lost 0 doubled 0 wrong 0')
      expect(await heard({}, [lifting], 0, signs)).toBe('lost 1 doubled 0 wrong 0')
      expect(await heard({}, [reversal], 1, signs)).toBe('lost 1 doubled 0 wrong 1')
    })

    it('lets no word of one person terminate', async () => {
      expect(await heard({ kind: 'terminate' }, [lifting], 0, 'ann')).toBe('lost 0 doubled 0 wrong 0')
      const termination = { ...restriction, id: 'terminated', act: 'termination', endsAtMs: null }
      expect(await heard({ kind: 'terminate' }, [lifting, termination], 0, 'ann')).toBe(
        'lost 0 doubled 0 wrong 2',
      )
    })
  })

  it('sees a sanction of what people have stopped', () => {
    const run = rightRun()
    const stopped = (value: Fields | null): Fields | null =>
      value === null ? null : { ...value, detectorId: 'chaos.stopped', clause: 'chaos.stopped' }
    const ids = { id: signalId('chaos.stopped', actor, START_MS / SLOT_MS, false) }
    const found = {
      ...run,
      'inference.usage.v1': (run['inference.usage.v1'] ?? []).map((one) => ({ ...one, model: 'stopped' })),
      'abuse.signals.v1': (run['abuse.signals.v1'] ?? []).map((one) => ({ ...stopped(one), ...ids })),
      'abuse.preservation.v1': [],
      'abuse.standing.v1': [],
    }
    expect(judged({ ...found, 'abuse.sanctions.v1': [] })).toBe('lost 0 doubled 0 wrong 0')
    const sanctions = (run['abuse.sanctions.v1'] ?? []).map(stopped)
    expect(judged({ ...found, 'abuse.sanctions.v1': sanctions })).toBe('lost 0 doubled 0 wrong 2')
  })

  it('sees what was set aside', () => {
    expect(judged({ ...rightRun(), 'late.inference.usage.v1': [null] })).toBe('lost 0 doubled 0 wrong 1')
  })
})

/** Without the lifting the standing is not what the sanctions say. */
function wrongOf(topic: string): number {
  return topic === 'abuse.sanctions.v1' ? 1 : 0
}
