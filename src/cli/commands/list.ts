/**
 * `bailiff list set|show`: lists of accounts that conditions ask for by name, signed, whole, and with an end. A topology
 * declares the name; who is on it is not in the rules.
 */
import { MOST_LISTED } from '../../domain/control.ts'
import { systemClock } from '../../domain/clock.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { wordsOfInput } from '../lines.ts'
import { lengthMs, requireReason, sayControl } from '../people/control-word.ts'
import { atDesk } from '../people/desk.ts'
import { CONTROL_TOPIC, newestLists } from '../people/published.ts'
import { requireNamed } from '../people/rules-in-force.ts'

export interface SetListOptions {
  readonly reason: string
  /** How long it holds, as in 90d. */
  readonly for: string
  readonly json: boolean
}

export async function setList(
  context: CommandContext,
  name: string,
  accounts: readonly string[],
  options: SetListOptions,
): Promise<number> {
  const forMs = lengthMs(options.for, 'list', '90d')
  requireReason(options.reason)
  await requireNamed(context, 'list', name)
  const accountIds = [...new Set(accounts.length > 0 ? accounts : await wordsOfInput())]
  if (accountIds.length > MOST_LISTED)
    throw new CommandError(`${accountIds.length} accounts; a list has at most ${MOST_LISTED}`)
  const word = { id: `list/${name}`, killSwitch: null, list: { name, accountIds } }
  const signed = await sayControl(context, word, options.reason, forMs)
  if (options.json) context.print(JSON.stringify(signed))
  else
    context.print(
      `${name}: ${accountIds.length} accounts, by ${signed.issuedBy}, for ${options.for}: signed and sent`,
    )
  return EXIT.ok
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
    if (!json && name === null) context.stderr.line(`${shown.length} lists hold now`)
    return EXIT.ok
  })
}
