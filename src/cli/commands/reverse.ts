/**
 * `bailiff reverse`: undoes all sanctions of one detector and version, or of one decider, within a time: counted first,
 * then decided and signed, one decision a strike. Running it again finds nothing left to do.
 */
import {
  countsByAct,
  sanctionsToReverse,
  signalsOf,
  type ReversalFilter,
} from '../../console/bulk-reversal.ts'
import { decisionOf } from '../../console/word.ts'
import { systemClock } from '../../domain/clock.ts'
import type { Sanction } from '../../domain/sanction.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { atDesk, signingOf, type Desk } from '../people/desk.ts'
import { unknownName } from '../people/rules-in-force.ts'

export interface ReverseOptions {
  readonly detector: string | null
  readonly version: number | null
  readonly decidedBy: string | null
  readonly from: string | null
  readonly to: string | null
  readonly reason: string
  readonly dryRun: boolean
  readonly json: boolean
}

export async function reverse(context: CommandContext, options: ReverseOptions): Promise<number> {
  const filter = filterOf(options)
  const signing = options.dryRun ? null : await signingOf(context)
  const reads = ['abuse.sanctions.v1', 'abuse.signals.v1'] as const
  let found = 0
  const code = await atDesk(context, { reads, writes: ['abuse.decisions.v1'] }, async (desk) => {
    const sanctions = await meant(desk, filter)
    found = sanctions.length
    tell(context, sanctions, options)
    if (signing === null || sanctions.length === 0) return EXIT.ok
    const nowMs = systemClock.now()
    const words = sanctions.map(({ accountId, id }) =>
      decisionOf(
        { accountId, kind: 'reverse', reason: options.reason, sawContent: false, sanctionId: id },
        signing.person,
        nowMs,
      ),
    )
    await desk.write('abuse.decisions.v1', await Promise.all(words.map((word) => signing.sign(word))))
    if (!options.json) context.stderr.line(`${words.length} decisions signed and sent`)
    return EXIT.ok
  })
  if (found === 0 && options.detector !== null) await hintAt(context, options.detector)
  return code
}

/** One of an earlier bundle is no mistake, and a mistyped one would have found nothing. */
async function hintAt(context: CommandContext, detector: string): Promise<void> {
  const mistake = await unknownName(context, 'detector', detector)
  if (mistake !== null) context.stderr.line(mistake)
}

async function meant(desk: Desk, filter: ReversalFilter): Promise<readonly Sanction[]> {
  const { by } = filter
  const signals =
    'detectorId' in by
      ? await signalsOf(desk.each('abuse.signals.v1'), by.detectorId, by.detectorVersion)
      : new Set<string>()
  return sanctionsToReverse(desk.each('abuse.sanctions.v1'), filter, signals)
}

/** All that is wrong, at once. */
function filterOf(options: ReverseOptions): ReversalFilter {
  const { detector, version, decidedBy, reason, dryRun } = options
  const [fromMs, toMs] = [timeOf(options.from, 0), timeOf(options.to, Number.MAX_SAFE_INTEGER)]
  const problems: string[] = []
  if ((detector === null) === (decidedBy === null))
    problems.push('say whose sanctions: --detector ID (and --version N), or --decided-by PERSON')
  if (detector === null && version !== null) problems.push('--version belongs to --detector')
  if (Number.isNaN(fromMs)) problems.push(`--from ${options.from}: write a time such as 2026-11-24T00:00:00Z`)
  if (Number.isNaN(toMs)) problems.push(`--to ${options.to}: write a time such as 2026-11-24T00:00:00Z`)
  if (reason.trim() === '' && !dryRun) problems.push('--reason: say why; it stands in every decision')
  if (problems.length > 0) throw usageError(problems)
  const by =
    detector === null ? { decidedBy: decidedBy ?? '' } : { detectorId: detector, detectorVersion: version }
  return { by, fromMs, toMs }
}

function timeOf(written: string | null, otherwise: number): number {
  return written === null ? otherwise : Date.parse(written)
}

function tell(
  context: CommandContext,
  sanctions: readonly Sanction[],
  { dryRun, json }: ReverseOptions,
): void {
  const counts = countsByAct(sanctions)
  const accounts = new Set(sanctions.map(({ accountId }) => accountId)).size
  if (json) {
    const sanctionIds = sanctions.map(({ id }) => id)
    return context.print(JSON.stringify({ dryRun, accounts, byAct: counts, sanctionIds }))
  }
  const acts = Object.entries(counts).map(([act, count]) => `${count} ${act}`)
  const verb = dryRun ? 'would reverse' : 'reverses'
  const what = acts.length === 0 ? '' : ` (${acts.join(', ')}) of ${accounts} accounts`
  context.print(`${verb} ${sanctions.length} sanctions${what}`)
}
