/** The verifier itself: content with a run that is right, and with nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { uuidV5 } from '../../src/domain/ids.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith } from '../../src/sign/signature.ts'
import {
  account,
  actor,
  judged as judgedIn,
  rightRun,
  signalId,
  SLOT_MS,
  START_MS,
  type Topics,
  write,
} from './right-run.ts'
import type { Fields } from './verifier/lines.ts'

describe('the verifier of the chaos run', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-verifier-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const judged = (topics: Topics): string => judgedIn(folder, topics)

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
      snooze: null,
      signature: null,
    }

    /** The restriction, and what somebody with that key said of it; the verifier knows ann's key. */
    async function heard(
      word: Partial<typeof said>,
      ends: Fields[],
      aside: readonly string[],
      signs: 'ann' | 'eve' | null,
    ) {
      const [ann, eve] = [await newKey('ann', null), await newKey('ann', null)]
      writeFileSync(join(folder, 'signers.json'), JSON.stringify({ keys: [ann.publicKey] }))
      const signer = await signingWith(JSON.stringify((signs === 'eve' ? eve : ann).privateKey))
      const decision = { ...said, ...word }
      const signed = signs === null ? decision : await signer.sign(decision)
      const positions = aside.map((key) => ({ timestampMs: 0, value: null, key }))
      write(folder, 'dlq.abuse.decisions.v1', positions)
      return judged({
        ...rightRun(),
        'abuse.decisions.v1': [signed],
        'abuse.sanctions.v1': [restriction, ...ends],
      })
    }
    const lifting = rightRun()['abuse.sanctions.v1']?.[1] ?? {}

    it('wants what a signer undid undone', async () => {
      expect(await heard({}, [reversal], [], 'ann')).toBe('lost 0 doubled 0 wrong 0')
    })

    it('misses what was not undone, and sees that it ended by itself', async () => {
      expect(await heard({}, [lifting], [], 'ann')).toBe('lost 1 doubled 0 wrong 1')
    })

    it('sees who did not decide it', async () => {
      expect(await heard({}, [{ ...reversal, decidedBy: ['ben'] }], [], 'ann')).toBe(
        'lost 0 doubled 0 wrong 1',
      )
    })

    it.each(['eve', null] as const)('sees that a word of nobody counted (%s)', async (signs) => {
      const here = 'abuse.decisions.v1/0/0'
      expect(await heard({}, [lifting], [here], signs)).toBe('lost 0 doubled 0 wrong 0')
      expect(await heard({}, [lifting], [], signs)).toBe('lost 1 doubled 0 wrong 0')
      expect(await heard({}, [reversal], [here], signs)).toBe('lost 1 doubled 0 wrong 1')
      expect(await heard({}, [lifting], ['abuse.decisions.v1/0/1'], signs)).toBe('lost 1 doubled 0 wrong 1')
    })

    it('takes a word that was set aside twice for one', async () => {
      const here = 'abuse.decisions.v1/0/0'
      expect(await heard({}, [lifting], [here, here], null)).toBe('lost 0 doubled 0 wrong 0')
    })

    it('lets no word of one person terminate', async () => {
      expect(await heard({ kind: 'terminate' }, [lifting], [], 'ann')).toBe('lost 0 doubled 0 wrong 0')
      const termination = { ...restriction, id: 'terminated', act: 'termination', endsAtMs: null }
      expect(await heard({ kind: 'terminate' }, [lifting, termination], [], 'ann')).toBe(
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
