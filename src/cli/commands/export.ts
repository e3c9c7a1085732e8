/** `bailiff export --as FORMAT`: sanctions and signals in the words of others, as JSON lines; counts for a report. */
import { dsaStatement } from '../../export/dsa.ts'
import { detectionFinding } from '../../export/ocsf.ts'
import { securityEvents } from '../../export/ssf.ts'
import { transparencyCounts } from '../../export/transparency.ts'
import { emptyStanding } from '../../enforce/account-standing.ts'
import { withClause } from '../../enforce/publication.ts'
import { clauseOf } from '../../enforce/terms.ts'
import type { Sanction } from '../../domain/sanction.ts'
import type { Policy } from '../../topology/policy.ts'
import { loadBundle } from '../compose/bundle.ts'
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
    const lines = await linesAs(format, desk, policy, span, { ...options, version: context.version })
    for (const line of lines) context.print(JSON.stringify(line))
    context.stderr.line(`${lines.length} lines`)
    return EXIT.ok
  })
}

async function linesAs(
  format: (typeof FORMATS)[number],
  desk: Desk,
  policy: Policy,
  span: Span,
  about: { readonly issuer: string; readonly audience: string; readonly version: string },
): Promise<readonly unknown[]> {
  const within = (timeMs: number): boolean => timeMs >= span.fromMs && timeMs < span.toMs
  switch (format) {
    case 'dsa': {
      const sanctions = await sanctionsOf(desk, policy)
      const issued = sanctions.filter(({ issuedAtMs }) => within(issuedAtMs))
      return issued.flatMap((one) => dsaStatement(one, titleOf(policy, one)) ?? [])
    }
    case 'ocsf': {
      const signals = await desk.read('abuse.signals.v1')
      return signals
        .filter(({ occurredAtMs }) => within(occurredAtMs))
        .map((one) => detectionFinding(one, clauseOf(policy, one.clause)?.severity ?? null, about.version))
    }
    case 'ssf': {
      const events = securityEvents(await sanctionsOf(desk, policy), about.issuer, about.audience)
      return events.filter(({ iat }) => within(iat * 1_000))
    }
    case 'transparency': {
      const records = {
        sanctions: await sanctionsOf(desk, policy),
        appeals: await desk.read('abuse.appeals.v1'),
        reviews: await desk.read('abuse.reviews.v1'),
        decisions: await desk.read('abuse.decisions.v1'),
      }
      return [transparencyCounts(records, span.fromMs, span.toMs)]
    }
  }
}

/** With the clause of the gravest again, which the record does not name (P9): a report counts by clause. */
async function sanctionsOf(desk: Desk, policy: Policy): Promise<readonly Sanction[]> {
  const sanctions = await desk.read('abuse.sanctions.v1')
  return sanctions.map((one) => withClause(emptyStanding(one.accountId, false), one, policy))
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
