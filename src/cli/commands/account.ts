/** `bailiff account show ID`: what holds, what happened and on what grounds; with `--subject`, what its holder may see. */
import {
  historyOf,
  measureLines,
  snoozesOf,
  snoozeText,
  standingLines,
  subjectViewOf,
  type AccountRecords,
  type Measure,
} from '../../console/account-history.ts'
import { linkLines, linksOf, type Links } from '../../console/links.ts'
import { systemClock } from '../../domain/clock.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { atDesk, type Desk } from '../people/desk.ts'

export interface AccountOptions {
  readonly subject: boolean
  readonly json: boolean
}

const READS = [
  'accounts.state.v1',
  'abuse.standing.v1',
  'abuse.sanctions.v1',
  'abuse.signals.v1',
  'abuse.reviews.v1',
  'abuse.decisions.v1',
  'abuse.appeals.v1',
] as const

/** Exit 1 for an account that nothing is known of. */
export function showAccount(context: CommandContext, id: string, options: AccountOptions): Promise<number> {
  return atDesk(context, { reads: READS, writes: [] }, async (desk) => {
    const records = await recordsOf(desk, id)
    const { sanctions, signals, reviews, decisions } = records
    const told = sanctions.length + signals.length + reviews.length + decisions.length
    if (told === 0 && records.standing === null) {
      context.stderr.line(`Nothing is known of ${id}: no signal, no case, no sanction, no decision.`)
      return EXIT.failed
    }
    if (options.subject) tellSubject(context, id, subjectViewOf(records, systemClock.now()), options.json)
    else tellAll(context, id, records, linksOf(await desk.newest('accounts.state.v1', id)), options.json)
    return EXIT.ok
  })
}

async function recordsOf(desk: Desk, id: string): Promise<AccountRecords> {
  return {
    standing: await desk.newest('abuse.standing.v1', id),
    sanctions: await desk.read('abuse.sanctions.v1', id),
    signals: await desk.read('abuse.signals.v1', id),
    reviews: await desk.read('abuse.reviews.v1', id),
    decisions: await desk.read('abuse.decisions.v1', id),
    appeals: await desk.read('abuse.appeals.v1', id),
  }
}

function tellAll(
  context: CommandContext,
  id: string,
  records: AccountRecords,
  links: Links,
  json: boolean,
): void {
  const history = historyOf(records)
  if (json) return context.print(JSON.stringify({ accountId: id, ...links, ...records, history }))
  context.print(`account ${id}`)
  for (const line of linkLines(links)) context.print(`  ${line}`)
  const nowMs = systemClock.now()
  for (const line of standingLines(records.standing, nowMs)) context.print(`  ${line}`)
  for (const one of snoozesOf(records.decisions, nowMs))
    context.print(`  in force: ${snoozeText(one, nowMs)}`)
  for (const { atMs, what, text } of history)
    context.print(`${new Date(atMs).toISOString()}  ${what.padEnd(8)}  ${text}`)
}

function tellSubject(context: CommandContext, id: string, measures: readonly Measure[], json: boolean): void {
  if (json) return context.print(JSON.stringify({ accountId: id, measures }))
  if (measures.length === 0) context.stderr.line(`Nothing that ${id} may see: no measure has taken effect.`)
  for (const line of measures.flatMap(measureLines)) context.print(line)
}
