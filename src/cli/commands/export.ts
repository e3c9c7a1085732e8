/** `bailiff export --as FORMAT`: sanctions and signals in the words of others, as JSON lines; counts for a report. */
import { dsaStatement, statementIds, type StatementId } from '../../export/dsa.ts'
import { detectionFinding } from '../../export/ocsf.ts'
import { securityEvents } from '../../export/ssf.ts'
import { transparencyCounts, type TransparencyRecords } from '../../export/transparency.ts'
import { ClauseNames } from '../../enforce/clause-names.ts'
import { clauseOf } from '../../enforce/terms.ts'
import { systemClock } from '../../domain/clock.ts'
import type { Sanction } from '../../domain/sanction.ts'
import type { Policy } from '../../topology/policy.ts'
import { loadBundle } from '../compose/bundle.ts'
import { hashKeyOf, sanctionIdsOf } from '../compose/hash-key.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { atDesk, type Desk } from '../people/desk.ts'
import { oneOf } from './review.ts'

export interface ExportOptions {
  readonly as: string
  readonly from: string | null
  readonly to: string | null
  readonly issuer: string
  readonly audience: string
}

const FORMATS = ['dsa', 'ocsf', 'ssf', 'transparency'] as const

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export function exportAs(context: CommandContext, options: ExportOptions): Promise<number> {
  const format = oneOf(FORMATS, options.as, '--as')
  const span = spanOf(options)
  const { policy } = loadBundle(context.settings.topologiesFolder)
  const reads = [
    'abuse.sanctions.v1',
    'abuse.signals.v1',
    'abuse.appeals.v1',
    'abuse.reviews.v1',
    'abuse.decisions.v1',
  ] as const
  return atDesk(context, { reads, writes: [] }, async (desk) => {
    let lines = 0
    const about = {
      ...options,
      version: context.version,
      statementId: statementIds(hashKeyOf(context.settings)),
      names: new ClauseNames(policy, sanctionIdsOf(context.settings)),
    }
    for await (const line of linesAs(format, desk, policy, span, about)) {
      context.print(JSON.stringify(line))
      lines++
    }
    context.stderr.line(`${lines} lines`)
    return EXIT.ok
  })
}

interface About {
  readonly issuer: string
  readonly audience: string
  readonly version: string
  readonly statementId: StatementId
  readonly names: ClauseNames
}

/** One line after another, as the log is read, where each stands for itself; else what remains of it at its end. */
function linesAs(
  format: (typeof FORMATS)[number],
  desk: Desk,
  policy: Policy,
  span: Span,
  about: About,
): AsyncIterable<unknown> {
  switch (format) {
    case 'dsa':
      return statements(desk, policy, span, about)
    case 'ocsf':
      return findings(desk, policy, span, about.version)
    case 'ssf':
      return events(desk, span, about)
    case 'transparency':
      return counts(desk, about.names, span)
  }
}

async function* statements(
  desk: Desk,
  policy: Policy,
  span: Span,
  { names, statementId }: About,
): AsyncIterable<unknown> {
  for await (const one of sanctionsOf(desk, names)) {
    const statement = dsaStatement(one, titleOf(policy, one), statementId)
    if (statement !== null && isWithin(span, one.issuedAtMs)) yield statement
  }
}

async function* findings(desk: Desk, policy: Policy, span: Span, version: string): AsyncIterable<unknown> {
  for await (const one of desk.each('abuse.signals.v1'))
    if (isWithin(span, one.occurredAtMs))
      yield detectionFinding(one, clauseOf(policy, one.clause)?.severity ?? null, version)
}

async function* events(desk: Desk, span: Span, { issuer, audience, names }: About): AsyncIterable<unknown> {
  const all = await securityEvents(sanctionsOf(desk, names), { issuer, audience, nowMs: systemClock.now() })
  yield* all.filter(({ iat }) => isWithin(span, iat * 1_000))
}

async function* counts(desk: Desk, names: ClauseNames, span: Span): AsyncIterable<unknown> {
  yield await transparencyCounts(await recordsOf(desk, names), span.fromMs, span.toMs)
}

async function recordsOf(desk: Desk, names: ClauseNames): Promise<TransparencyRecords> {
  return {
    sanctions: sanctionsOf(desk, names),
    appeals: await desk.read('abuse.appeals.v1'),
    reviews: desk.each('abuse.reviews.v1'),
    decisions: desk.each('abuse.decisions.v1'),
  }
}

function isWithin({ fromMs, toMs }: Span, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs
}

async function* sanctionsOf(desk: Desk, names: ClauseNames): AsyncIterable<Sanction> {
  for await (const one of desk.each('abuse.sanctions.v1')) yield names.named(one)
}

/** The clause in the policy's own words; the neutral code where it is hidden and cannot be told. */
function titleOf(policy: Policy, { clause, reasonCode }: Sanction): string {
  return clauseOf(policy, clause)?.title ?? reasonCode
}

function spanOf({ from, to }: ExportOptions): Span {
  const fromMs = from === null ? 0 : Date.parse(from)
  const toMs = to === null ? Number.MAX_SAFE_INTEGER : Date.parse(to)
  const wrong = [
    ...(Number.isNaN(fromMs) ? [`--from ${from}`] : []),
    ...(Number.isNaN(toMs) ? [`--to ${to}`] : []),
  ]
  if (wrong.length > 0)
    throw usageError(wrong.map((one) => `${one}: write a time such as 2026-11-24T00:00:00Z`))
  return { fromMs, toMs }
}
