/**
 * `bailiff review`: open cases, decisions on one of them, and cases that were held in bulk.
 *
 * R1. Every decision is signed, has a reason, and says whether its maker saw the content.
 * R2. Bulk decisions uphold or reject; nothing irreversible is done in bulk.
 */
import { openCases, votesOn, type CaseFilter } from '../../console/cases.ts'
import { signalsOf } from '../../console/bulk-reversal.ts'
import { decisionOf, type Verdict } from '../../console/word.ts'
import { DECISION_KINDS, REVIEW_REASONS, type DecisionKind, type ReviewCase } from '../../domain/case.ts'
import { systemClock } from '../../domain/clock.ts'
import { SANCTION_SCOPES, type SanctionScope } from '../../domain/sanction.ts'
import { meantHint } from '../../topology/problem.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { atDesk, signingOf, type Desk } from '../people/desk.ts'
import { table } from '../terminal.ts'

export interface ListOptions {
  readonly account: string | null
  readonly reason: string | null
  readonly template: string | null
  readonly overdue: boolean
  readonly json: boolean
}

export function listCases(context: CommandContext, options: ListOptions): Promise<number> {
  const reason = options.reason === null ? null : oneOf(REVIEW_REASONS, options.reason, '--reason')
  return atDesk(context, { reads: ['abuse.reviews.v1', 'abuse.decisions.v1'], writes: [] }, async (desk) => {
    const dueBeforeMs = options.overdue ? systemClock.now() : null
    const { account: accountId, template: templateHash } = options
    const filter = { accountId, reason, signalIds: null, templateHash, dueBeforeMs }
    const cases = await openCases(desk.each('abuse.reviews.v1', options.account), filter)
    const votes = await votesOn(cases, desk.each('abuse.decisions.v1', options.account))
    const on = ({ id }: ReviewCase): readonly string[] => votes.get(id) ?? []
    for (const one of options.json ? cases : []) context.print(JSON.stringify({ ...one, votes: on(one) }))
    if (options.json) return EXIT.ok
    for (const line of table(cases.map((one) => rowOf(one, on(one))))) context.print(line)
    context.stderr.line(cases.length === 1 ? '1 open case' : `${cases.length} open cases`)
    return EXIT.ok
  })
}

function rowOf(one: ReviewCase, votes: readonly string[]): readonly string[] {
  const due = `due ${new Date(one.dueAtMs).toISOString()}`
  const { id, accountId, severity, clause, reason, proposedAct, templateHash } = one
  const why = reason === 'templateQuarantined' ? `${reason} ${templateHash ?? ''}` : reason
  return [id, accountId, severity, clause, why, proposedAct, due, votes.join('; ')]
}

export interface DecideOptions {
  readonly kind: string
  readonly reason: string
  readonly sawContent: boolean
  readonly scope: string | null
  readonly target: string | null
  readonly refund: string | null
  readonly json: boolean
}

/** A snooze is about no case: `bailiff snooze`. */
const ON_CASES = DECISION_KINDS.filter((kind) => kind !== 'snooze')
const REFUNDS = ['none', 'proRata', 'legalHold'] as const

export async function decideCase(
  context: CommandContext,
  caseId: string,
  options: DecideOptions,
): Promise<number> {
  const verdict = verdictOf(options)
  const signing = await signingOf(context)
  return atDesk(context, { reads: ['abuse.reviews.v1'], writes: ['abuse.decisions.v1'] }, async (desk) => {
    const about = await caseOf(desk, caseId)
    const { accountId, sanctionId } = about
    const word = { ...verdict, accountId, caseId: about.id, sanctionId }
    const decision = await signing.sign(decisionOf(word, signing.person, systemClock.now()))
    await desk.write('abuse.decisions.v1', [decision])
    if (options.json) context.print(JSON.stringify(decision))
    else
      context.print(
        `${decision.kind} by ${signing.person} on ${about.clause} of ${accountId}: signed and sent`,
      )
    if (decision.kind === 'terminate' || decision.kind === 'refer')
      context.stderr.line('It takes effect when a second person has decided the same.')
    return EXIT.ok
  })
}

/** Everything that is wrong with the words of the command line, at once. */
function verdictOf(options: DecideOptions): Omit<Verdict, 'accountId'> {
  const kind: DecisionKind = oneOf(ON_CASES, options.kind, '--kind')
  const { reason, sawContent, target: narrowToTarget } = options
  if (reason.trim() === '') throw usageError(['--reason: say why; a decision without a reason is none'])
  if (kind === 'terminate' && !sawContent)
    throw usageError(['nobody is terminated unseen: look at the content, then decide with --saw-content'])
  const scope: SanctionScope | null =
    options.scope === null ? null : oneOf(SANCTION_SCOPES, options.scope, '--scope')
  if ((kind === 'narrow') !== (scope !== null))
    throw usageError(['--kind narrow and --scope belong together: say to what it is narrowed'])
  const refund = options.refund === null ? null : oneOf(REFUNDS, options.refund, '--refund')
  return { kind, reason, sawContent, refund, narrowToScope: scope, narrowToTarget }
}

/** By its id or by an unambiguous beginning of it. */
async function caseOf(desk: Desk, caseId: string): Promise<ReviewCase> {
  const all = { accountId: null, reason: null, signalIds: null, templateHash: null, dueBeforeMs: null }
  const open = await openCases(desk.each('abuse.reviews.v1'), all)
  const found = open.filter(({ id }) => id.startsWith(caseId))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length > 1)
    throw usageError([`${caseId} begins the ids of ${found.length} open cases: write more`])
  throw usageError([`There is no open case ${caseId}. \`bailiff review list\` shows those that are open.`])
}

export interface BulkOptions {
  readonly held: string
  readonly detector: string | null
  readonly template: string | null
  readonly reason: string
  readonly dryRun: boolean
  readonly json: boolean
}

/** Past a budget, or for their template, sanctions were held: `uphold` lets them happen, `reject` discards them. */
export async function decideHeld(
  context: CommandContext,
  kind: 'uphold' | 'reject',
  options: BulkOptions,
): Promise<number> {
  const held = oneOf(REVIEW_REASONS, options.held, '--held')
  if (options.reason.trim() === '') throw usageError(['--reason: say why'])
  const signing = options.dryRun ? null : await signingOf(context)
  const reads = ['abuse.reviews.v1', 'abuse.signals.v1'] as const
  return atDesk(context, { reads, writes: ['abuse.decisions.v1'] }, async (desk) => {
    const filter = await heldFilter(desk, held, options)
    const cases = await openCases(desk.each('abuse.reviews.v1'), filter)
    tellHeld(context, kind, cases, options)
    if (signing === null) return EXIT.ok
    const words = cases.map(({ accountId, id, sanctionId }) =>
      decisionOf(
        { accountId, kind, reason: options.reason, sawContent: false, caseId: id, sanctionId },
        signing.person,
        systemClock.now(),
      ),
    )
    await desk.write('abuse.decisions.v1', await Promise.all(words.map((word) => signing.sign(word))))
    return EXIT.ok
  })
}

async function heldFilter(
  desk: Desk,
  reason: CaseFilter['reason'],
  { detector, template: templateHash }: BulkOptions,
): Promise<CaseFilter> {
  const signalIds = detector === null ? null : await signalsOf(desk.each('abuse.signals.v1'), detector, null)
  return { accountId: null, reason, signalIds, templateHash, dueBeforeMs: null }
}

function tellHeld(
  context: CommandContext,
  kind: 'uphold' | 'reject',
  cases: readonly ReviewCase[],
  { dryRun, json }: BulkOptions,
): void {
  if (json) return context.print(JSON.stringify({ kind, dryRun, cases: cases.map(({ id }) => id) }))
  const verb = dryRun ? `would ${kind}` : kind
  context.print(
    `${verb} ${cases.length} held cases of ${new Set(cases.map((one) => one.accountId)).size} accounts`,
  )
}

export function oneOf<T extends string>(known: readonly T[], word: string, option: string): T {
  const found = known.find((one) => one === word)
  if (found !== undefined) return found
  throw usageError([`${option} ${word}: ${meantHint(word, known) ?? `one of ${known.join(', ')}`}`])
}
