/**
 * The cases that findings of which people alone decide must have opened, and what people's words must have made of them.
 */
import type { Finding } from './findings.ts'
import { keyedId, nameBasedId } from './ids.ts'
import { readLines, text, type Fields } from './lines.ts'
import type { ExpectedSanction } from './sanctions.ts'
import type { DecidedCase } from './words.ts'

export const CASE_DETECTOR = 'chaos.case'
const DURATION_MS = 12_000

export interface ExpectedCase {
  readonly id: string
  readonly finding: Finding
  /** Undefined: nobody has said a word that counts, and it stays open. */
  readonly decided: DecidedCase | undefined
}

/** One for each finding: an account has one of them. */
export function expectedCases(
  findings: readonly Finding[],
  words: ReadonlyMap<string, DecidedCase>,
): readonly ExpectedCase[] {
  return findings
    .filter(({ detectorId }) => detectorId === CASE_DETECTOR)
    .map((finding) => {
      const { accountId, id: signal } = finding
      const id = nameBasedId('review', accountId, 'reviewOnlyDetector', CASE_DETECTOR, accountId, signal)
      return { id, finding, decided: words.get(id) }
    })
}

/** What was told of the case, each status once and in this order. */
export function caseProblem(told: readonly Fields[], { finding, decided }: ExpectedCase): string | null {
  const wanted = decided === undefined ? ['open'] : ['open', 'closed']
  const said = told.map((one) => text(one, 'status'))
  if (JSON.stringify(said) !== JSON.stringify(wanted))
    return `${JSON.stringify(said)}, not ${JSON.stringify(wanted)}`
  const facts = told.map((one) =>
    JSON.stringify([
      one['accountId'],
      one['clause'],
      one['reason'],
      one['proposedAct'],
      one['proposedScope'],
      one['signalIds'],
      one['sanctionId'],
    ]),
  )
  const should = JSON.stringify([
    finding.accountId,
    CASE_DETECTOR,
    'reviewOnlyDetector',
    'restriction',
    'api',
    [finding.id],
    null,
  ])
  const other = facts.find((fact) => fact !== should)
  return other === undefined ? null : `${other}, not ${should}`
}

/** What a person upheld or narrowed; null where nothing follows. */
export function sanctionOfCase({ finding, decided }: ExpectedCase): ExpectedSanction | null {
  if (decided === undefined || decided.kind === 'reject') return null
  const narrow = decided.kind === 'narrow'
  return {
    id: keyedId('sanction', finding.accountId, CASE_DETECTOR, 0, 1),
    accountId: finding.accountId,
    clause: CASE_DETECTOR,
    act: 'restriction',
    scope: narrow ? String(decided.narrowToScope) : 'api',
    scopeTarget: narrow ? String(decided.narrowToTarget) : null,
    durationMs: DURATION_MS,
    step: 0,
    ordinal: 1,
    signalIds: [finding.id],
    decidedBy: decided.decidedBy,
  }
}

/** Case to its records, in the order of the log. */
export function toldCases(folder: string): Map<string, Fields[]> {
  const told = new Map<string, Fields[]>()
  for (const { value } of readLines(folder, 'abuse.reviews.v1')) {
    if (value === null) continue
    const id = text(value, 'id')
    told.set(id, [...(told.get(id) ?? []), value])
  }
  return told
}
