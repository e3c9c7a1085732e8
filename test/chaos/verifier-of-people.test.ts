/** The verifier on switches that are thrown and released while records flow, and on cases that people decide. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { uuidV5 } from '../../src/domain/ids.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith } from '../../src/sign/signature.ts'
import {
  account,
  judged as judgedIn,
  modelled,
  START_MS,
  write,
  type Timed,
  type Topics,
} from './right-run.ts'
import type { Fields } from './verifier/lines.ts'

function control(version: number, engaged: boolean): Fields {
  return { version, killSwitch: { stops: 'detector', target: 'chaos.switched', engaged } }
}

describe('the verifier of the chaos run', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-verifier-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const judged = (topics: Topics): string => judgedIn(folder, topics)

  describe('of a switch that is thrown and released', () => {
    const TOLD_MS = START_MS + 8_000
    const HEEDED_MS = START_MS + 9_000
    const LATE_MS = 10_000
    const at = (stoppedMs: number, runsMs: number): Timed[] => [
      { timestampMs: stoppedMs, value: control(1, true) },
      { timestampMs: runsMs, value: control(2, false) },
    ]

    /** One finding of the switched detector, told at 8 s; heeded at 9 s or passed over, before another one at 12 s. */
    function found(heeded: boolean, controls: readonly Timed[]): string {
      const run = modelled('switched')
      const later = { ...run['abuse.signals.v1']?.[0], id: 'later', detectorId: 'chaos.stopped' }
      write(folder, 'bailiff.control.v1', controls)
      write(folder, 'abuse.signals.v1', [
        { timestampMs: TOLD_MS, value: run['abuse.signals.v1']?.[0] ?? null },
        { timestampMs: TOLD_MS, value: later },
      ])
      const asked = { id: uuidV5('preservation', 'later'), askedAtMs: START_MS + 12_000 }
      const nothing = {
        ...run,
        'abuse.preservation.v1': [],
        'abuse.sanctions.v1': [],
        'abuse.standing.v1': [],
      }
      const topics: Topics = heeded ? run : nothing
      const rest = Object.entries(topics).filter(([topic]) => topic !== 'abuse.signals.v1')
      const preserved = [...(topics['abuse.preservation.v1'] ?? []), asked]
      return judged({ ...Object.fromEntries(rest), 'abuse.preservation.v1': preserved })
    }
    // The later finding is none of the load's: its signal and its preservation are two things wrong.
    const right = 'lost 0 doubled 0 wrong 2'
    const wrong = 'lost 0 doubled 0 wrong 3'

    it('takes either where the switch turned within the time in which all must know it', () => {
      const turning = at(HEEDED_MS - LATE_MS, HEEDED_MS + 1_000)
      expect(found(true, turning)).toBe(right)
      expect(found(false, turning)).toBe(right)
    })

    it('takes nothing but heeding while the detector had long been running', () => {
      const running = at(START_MS - 60_000, TOLD_MS - LATE_MS - 1)
      expect(found(true, running)).toBe(right)
      expect(found(false, running)).toBe(wrong)
      expect(found(false, at(START_MS + 12_001, START_MS + 20_000))).toBe(wrong)
    })

    it('takes nothing but passing over while it had long been stopped', () => {
      const stopped = at(HEEDED_MS - LATE_MS - 1, HEEDED_MS + 1)
      expect(found(false, stopped)).toBe(right)
      expect(found(true, stopped)).toBe(wrong)
    })

    it('sees a sanction of what was passed over', () => {
      const run = modelled('switched')
      write(folder, 'bailiff.control.v1', at(START_MS - 60_000, START_MS + 60_000))
      expect(judged({ ...run, 'abuse.preservation.v1': [] })).toBe('lost 0 doubled 0 wrong 2')
    })
  })

  describe('of cases', () => {
    const run = modelled('case')
    const signal = String(run['abuse.signals.v1']?.[0]?.['id'])
    const caseId = uuidV5('review', account, 'reviewOnlyDetector', 'chaos.case', account, signal)
    const opened = {
      id: caseId,
      accountId: account,
      clause: 'chaos.case',
      reason: 'reviewOnlyDetector',
      status: 'open',
      proposedAct: 'restriction',
      proposedScope: 'api',
      signalIds: [signal],
      sanctionId: null,
    }
    const closed = { ...opened, status: 'closed' }
    const [first, lifting] = run['abuse.sanctions.v1'] ?? []
    const upheld = {
      ...first,
      scope: 'api',
      automated: false,
      decidedBy: ['ann'],
      endsAtMs: Number(first?.['issuedAtMs']) + 12_000,
    }
    const ended = { ...lifting, issuedAtMs: Number(upheld.endsAtMs) + 50 }
    const narrowed = { ...upheld, scope: 'key', scopeTarget: 'k' }

    /** The case, and what ann said of it. */
    async function decided(kind: string | null, reviews: Fields[], sanctions: Fields[]): Promise<string> {
      const ann = await newKey('ann', null)
      writeFileSync(join(folder, 'signers.json'), JSON.stringify({ keys: [ann.publicKey] }))
      const signer = await signingWith(JSON.stringify(ann.privateKey))
      const target = kind === 'narrow' ? { narrowToScope: 'key', narrowToTarget: 'k' } : {}
      const word = {
        ...{ id: 'decision', accountId: account, caseId, sanctionId: null, kind: kind ?? '' },
        ...{
          decidedBy: 'ann',
          narrowToScope: null,
          narrowToTarget: null,
          snooze: null,
          signature: null,
          ...target,
        },
      }
      return judged({
        ...run,
        'abuse.decisions.v1': kind === null ? [] : [await signer.sign(word)],
        'abuse.reviews.v1': reviews,
        'abuse.sanctions.v1': sanctions,
        'abuse.standing.v1': [],
      })
    }

    it.each<[string | null, Fields[], Fields[]]>([
      [null, [opened], []],
      ['terminate', [opened], []],
      ['reject', [opened, closed], []],
      ['uphold', [opened, closed], [upheld, ended]],
      ['narrow', [opened, closed], [narrowed, ended]],
    ])('is content where %s leads to what it must', async (kind, reviews, sanctions) => {
      expect(await decided(kind, reviews, sanctions)).toBe('lost 0 doubled 0 wrong 0')
    })

    it.each<[string, string | null, Fields[], Fields[], string]>([
      ['that was not opened', null, [], [], 'lost 1 doubled 0 wrong 0'],
      ['that was opened twice', null, [opened, opened], [], 'lost 0 doubled 0 wrong 1'],
      ['that nobody closed', null, [opened, closed], [], 'lost 0 doubled 0 wrong 1'],
      ['that stays open', 'reject', [opened], [], 'lost 0 doubled 0 wrong 1'],
      ['whose sanction is missing', 'uphold', [opened, closed], [], 'lost 1 doubled 0 wrong 0'],
      [
        'that was rejected and sanctioned',
        'reject',
        [opened, closed],
        [upheld, ended],
        'lost 0 doubled 0 wrong 2',
      ],
      ['that was not narrowed', 'narrow', [opened, closed], [upheld, ended], 'lost 0 doubled 0 wrong 1'],
    ])('sees one %s', async (_, kind, reviews, sanctions, last) => {
      expect(await decided(kind, reviews, sanctions)).toBe(last)
    })
  })
})
