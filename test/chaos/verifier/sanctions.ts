/**
 * What enforcement must have made of the signals, by the run's policy in this file's own words. Two things are
 * taken from the log because they are nobody's to compute: when a sanction was issued (wall time), and which of
 * the allowed moments completed a signal. Everything else follows.
 */
import type { Finding } from './findings.ts'
import { keyedId, nameBasedId } from './ids.ts'
import { fieldsOf, number, numberOrNull, text, type Fields } from './lines.ts'

export interface ExpectedSanction {
  readonly id: string
  readonly accountId: string
  readonly clause: string
  readonly act: string
  readonly scope: string
  readonly scopeTarget: string | null
  readonly durationMs: number
  readonly step: number
  readonly ordinal: number
  readonly signalIds: readonly string[]
  /** The person who decided it; null where the machine did. */
  readonly decidedBy: string | null
}

interface Step {
  readonly act: string
  readonly scope: string
  readonly target: (finding: Finding) => string | null
  readonly durationMs: number
}

interface Clause {
  readonly corroboration: number
  readonly steps: readonly Step[]
}

const nobody = (): null => null

const BURST: Clause = {
  corroboration: 1,
  steps: [
    { act: 'restriction', scope: 'rate', target: nobody, durationMs: 10_000 },
    { act: 'suspension', scope: 'api', target: nobody, durationMs: 15_000 },
  ],
}

const CLAUSES: Readonly<Record<string, Clause>> = {
  'chaos.switched': BURST,
  'chaos.burst': BURST,
  'chaos.pair': {
    corroboration: 2,
    steps: [{ act: 'suspension', scope: 'key', target: ({ actorId }) => actorId, durationMs: 12_000 }],
  },
  'chaos.join': {
    corroboration: 1,
    steps: [{ act: 'restriction', scope: 'capability', target: () => 'join', durationMs: 30 * 86_400_000 }],
  },
  'chaos.pool': {
    corroboration: 1,
    steps: [{ act: 'restriction', scope: 'account', target: nobody, durationMs: 25_000 }],
  },
}

/** A finding with the moment at which its signal says that it was made. */
export interface Told {
  readonly finding: Finding
  readonly atMs: number
}

/** `issuedAtMs` of a sanction by its id; undefined where the log has none. */
export function expectedSanctions(
  told: readonly Told[],
  issuedAtMs: (id: string) => number | undefined,
): readonly ExpectedSanction[] {
  const ladders = Map.groupBy(told, ({ finding }) => `${finding.detectorId} ${finding.accountId}`)
  return [...ladders.values()].flatMap((ofLadder) => climbed(ofLadder, issuedAtMs))
}

/** One account on one clause's ladder: findings in order, each leading to the next step or to nothing. */
function climbed(
  told: readonly Told[],
  issuedAtMs: (id: string) => number | undefined,
): readonly ExpectedSanction[] {
  const made: ExpectedSanction[] = []
  let waiting: Told[] = []
  for (const one of [...told].sort((a, b) => a.atMs - b.atMs)) {
    const clause = CLAUSES[one.finding.detectorId]
    if (clause === undefined) continue
    const last = made.at(-1)
    // Conduct that began before the last act is spent.
    if (last !== undefined && one.atMs - one.finding.windowMs < (issuedAtMs(last.id) ?? Infinity)) continue
    waiting.push(one)
    if (made.length === 0 && waiting.length < clause.corroboration) continue
    const step = clause.steps[made.length]
    if (step === undefined) continue
    made.push(sanction(one.finding, step, made.length, waiting))
    waiting = []
  }
  return made
}

function sanction(finding: Finding, step: Step, index: number, rests: readonly Told[]): ExpectedSanction {
  const { accountId, detectorId: clause } = finding
  const ordinal = index + 1
  return {
    id: keyedId('sanction', accountId, clause, index, ordinal),
    accountId,
    clause,
    act: step.act,
    scope: step.scope,
    scopeTarget: step.target(finding),
    durationMs: step.durationMs,
    step: index,
    ordinal,
    signalIds: rests.map((one) => one.finding.id),
    decidedBy: null,
  }
}

/** What a sanction record says otherwise than it must; null where nothing. */
export function sanctionProblem(found: Fields, expected: ExpectedSanction): string | null {
  const issuedAtMs = number(found, 'issuedAtMs')
  const said = {
    accountId: found['accountId'],
    clause: found['clause'],
    act: found['act'],
    scope: found['scope'],
    scopeTarget: found['scopeTarget'],
    step: found['step'],
    strikeOrdinal: found['strikeOrdinal'],
    signalIds: found['signalIds'],
    effectiveAtMs: found['effectiveAtMs'],
    endsAtMs: found['endsAtMs'],
    automated: found['automated'],
    decidedBy: found['decidedBy'],
    shadow: found['shadow'],
  }
  const { accountId, clause, act, scope, scopeTarget, step, ordinal: strikeOrdinal, signalIds } = expected
  const wanted = {
    ...{ accountId, clause, act, scope, scopeTarget, step, strikeOrdinal, signalIds },
    ...{ effectiveAtMs: issuedAtMs, endsAtMs: issuedAtMs + expected.durationMs },
    automated: expected.decidedBy === null,
    decidedBy: expected.decidedBy === null ? [] : [expected.decidedBy],
    shadow: false,
  }
  const [is, should] = [JSON.stringify(said), JSON.stringify(wanted)]
  return is === should ? null : `${is}, not ${should}`
}

export function liftingId(sanctionId: string): string {
  return nameBasedId('lifting', sanctionId)
}

/** What the record that ends a sanction says otherwise than it must; null where nothing. */
export function liftingProblem(found: Fields, ended: Fields): string | null {
  const endsAtMs = numberOrNull(ended, 'endsAtMs') ?? Infinity
  if (text(found, 'act') !== 'lifting') return `an act ${text(found, 'act')}`
  if (found['endsSanctionId'] !== ended['id']) return 'it ends another sanction'
  if (found['endCause'] !== 'expired') return `ended by ${String(found['endCause'])}`
  const earlyMs = endsAtMs - number(found, 'issuedAtMs')
  return earlyMs > 0 ? `lifted ${earlyMs} ms before its end` : null
}

export function actorOf(sanction: Fields): { readonly level: string; readonly id: string } {
  const actor = fieldsOf(sanction, 'actor')
  return { level: text(actor, 'level'), id: text(actor, 'id') }
}
