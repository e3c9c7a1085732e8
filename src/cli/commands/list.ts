/**
 * `bailiff list set|show`: lists of accounts that conditions ask for by name, signed, whole, and with an end. A topology
 * declares the name; who is on it is not in the rules.
 */
import type { AccountList, Control } from '../../domain/control.ts'
import { MOST_LISTED } from '../../domain/control.ts'
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import { didYouMean } from '../../topology/problem.ts'
import { loadBundle } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT, usageError } from '../exit.ts'
import { linesOf } from '../lines.ts'
import { atDesk, signingOf, type Desk } from '../people/desk.ts'
import { CONTROL_TOPIC, MOST_BYTES } from '../people/published.ts'

export interface SetListOptions {
  readonly reason: string
  /** How long it holds, as in 90d. */
  readonly for: string
  readonly json: boolean
}

/** A control record that holds a list. */
interface PublishedList extends Control {
  readonly list: AccountList
}

export async function setList(
  context: CommandContext,
  name: string,
  accounts: readonly string[],
  options: SetListOptions,
): Promise<number> {
  const forMs = parseDuration(options.for)
  if (forMs === null || forMs === 0)
    throw usageError([`--for ${options.for}: every list has an end; write a duration such as 90d`])
  if (options.reason.trim() === '') throw usageError(['--reason: say why'])
  declared(name, context)
  const signing = await signingOf(context)
  const accountIds = [...new Set(accounts.length > 0 ? accounts : await accountLines())]
  if (accountIds.length > MOST_LISTED)
    throw new CommandError(`${accountIds.length} accounts; a list has at most ${MOST_LISTED}`)
  return atDesk(context, { reads: [CONTROL_TOPIC], writes: [CONTROL_TOPIC] }, async (desk) => {
    // Above every version that any process may have taken, also by a key that does not count any more.
    const known = (await newestLists(desk.trusting())).get(name)?.version ?? 0
    const nowMs = systemClock.now()
    const signed = await signing.sign<Control>({
      id: `list/${name}`,
      version: known + 1,
      issuedBy: signing.person,
      issuedAtMs: nowMs,
      reason: options.reason,
      expiresAtMs: nowMs + forMs,
      policy: null,
      killSwitch: null,
      list: { name, accountIds },
      signature: null,
    })
    const bytes = Buffer.byteLength(JSON.stringify(signed))
    if (bytes > MOST_BYTES)
      throw new CommandError(`the list takes ${bytes} bytes as a record, and Kafka takes ${MOST_BYTES}`)
    await desk.write(CONTROL_TOPIC, [signed])
    if (options.json) context.print(JSON.stringify(signed))
    else
      context.print(
        `${name}: ${accountIds.length} accounts, by ${signing.person}, for ${options.for}: signed and sent`,
      )
    return EXIT.ok
  })
}

/** Accounts of one list, a line each, or what lists there are. What has run out is unknown, and is not shown. */
export function showLists(context: CommandContext, name: string | null, json: boolean): Promise<number> {
  return atDesk(context, { reads: [CONTROL_TOPIC], writes: [] }, async (desk) => {
    const nowMs = systemClock.now()
    const holding = [...(await newestLists(desk)).values()].filter(
      ({ expiresAtMs }) => expiresAtMs === null || nowMs < expiresAtMs,
    )
    const shown = holding.filter(({ list }) => name === null || list.name === name)
    if (name !== null && shown.length === 0)
      throw new CommandError(
        `Nobody has published a list ${name} that holds now: whoever asks for it does not know.`,
      )
    for (const one of shown) {
      if (json) context.print(JSON.stringify(one))
      else if (name !== null) for (const accountId of one.list.accountIds) context.print(accountId)
      else
        context.print(
          `${one.list.name}: ${one.list.accountIds.length} accounts, by ${one.issuedBy}: ${one.reason}`,
        )
    }
    return EXIT.ok
  })
}

/** By name, of each the highest version; of one version the first. */
async function newestLists(desk: Desk): Promise<ReadonlyMap<string, PublishedList>> {
  const newest = new Map<string, PublishedList>()
  for await (const control of desk.each(CONTROL_TOPIC)) {
    const { list, version } = control
    if (list === null || version <= (newest.get(list.name)?.version ?? 0)) continue
    newest.set(list.name, { ...control, list })
  }
  return newest
}

/** A list that no condition can ask for is a mistake in its name. */
function declared(name: string, { settings }: CommandContext): void {
  const names = loadBundle(settings.topologiesFolder).topologies.flatMap(({ lists }) => Object.keys(lists))
  if (names.includes(name)) return
  const near = didYouMean(name, names)
  const known = names.length === 0 ? 'none is declared' : `there are: ${names.join(', ')}`
  throw usageError([
    `No topology declares a list ${name}; ${near === null ? known : `did you mean ${near}?`}`,
  ])
}

async function accountLines(): Promise<readonly string[]> {
  const accounts: string[] = []
  for await (const { text } of linesOf('-')) accounts.push(text.trim())
  return accounts
}
