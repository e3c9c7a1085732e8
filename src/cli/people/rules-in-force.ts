/**
 * The rules that a person's word is about: the bundle that runs, else our own files, which run where none is published.
 * A word about a detector, a clause or a list that nobody knows is a mistake in its name, and would change nothing.
 */
import type { Bundle } from '../../topology/bundle.ts'
import { meantHint } from '../../topology/problem.ts'
import { loadBundle } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { usageError } from '../exit.ts'
import { atDesk } from './desk.ts'
import { CONTROL_TOPIC, runningBundle } from './published.ts'

type Named = 'detector' | 'clause' | 'list'

/** Throws a usage error that says which name may have been meant. */
export async function requireNamed(context: CommandContext, what: Named, name: string): Promise<void> {
  const mistake = await unknownName(context, what, name)
  if (mistake !== null) throw usageError([mistake])
}

/** That nobody knows the name, and which may have been meant; null where it is known. */
export async function unknownName(
  context: CommandContext,
  what: Named,
  name: string,
): Promise<string | null> {
  const running = await atDesk(context, { reads: [CONTROL_TOPIC], writes: [] }, runningBundle)
  const names = namesOf(running?.bundle ?? loadBundle(context.settings.topologiesFolder), what)
  if (names.includes(name)) return null
  const known = names.length === 0 ? NONE[what] : `there are: ${names.join(', ')}`
  const where = running === null ? `No topology has a ${what}` : `The bundle that runs has no ${what}`
  return `${where} ${name}; ${meantHint(name, names) ?? known}`
}

const NONE: Readonly<Record<Named, string>> = {
  detector: 'there is none',
  clause: 'there is none',
  list: 'there is none: a topology declares it under `lists` (docs/language.md)',
}

function namesOf({ policy, topologies }: Bundle, what: Named): readonly string[] {
  if (what === 'clause') return policy.clauses.map(({ id }) => id)
  if (what === 'list') return topologies.flatMap(({ lists }) => Object.keys(lists))
  return topologies.flatMap(({ detectors }) => detectors.map(({ id }) => id))
}
