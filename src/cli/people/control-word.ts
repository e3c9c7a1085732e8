/** What people say to all processes beside bundles, kill switches and lists: signed, with a reason and an end. */
import { systemClock } from '../../domain/clock.ts'
import type { Control } from '../../domain/control.ts'
import { parseDuration } from '../../domain/duration.ts'
import type { CommandContext } from '../context.ts'
import { usageError } from '../exit.ts'
import { atDesk, signingOf } from './desk.ts'
import { CONTROL_TOPIC, requireFits } from './published.ts'

/** One of the two, under its id. */
export type ControlWord = Pick<Control, 'id' | 'killSwitch' | 'list'>

/** How long, in milliseconds. Throws for what is no length; `what` names the thing, `example` a length of it. */
export function lengthMs(text: string, what: string, example: string): number {
  const forMs = parseDuration(text)
  if (forMs !== null && forMs > 0) return forMs
  throw usageError([`--for ${text}: every ${what} has an end; write a duration such as ${example}`])
}

export function requireReason(reason: string): void {
  if (reason.trim() === '') throw usageError(['--reason: say why'])
}

/** Signs and sends it, above every version that any process may have taken, also by a key that counts no more; what was sent. */
export async function sayControl(
  context: CommandContext,
  word: ControlWord,
  reason: string,
  forMs: number,
): Promise<Control> {
  const signing = await signingOf(context)
  return atDesk(context, { reads: [CONTROL_TOPIC], writes: [CONTROL_TOPIC] }, async (desk) => {
    let known = 0
    for await (const one of desk.trusting().each(CONTROL_TOPIC))
      if (one.id === word.id) known = Math.max(known, one.version)
    const nowMs = systemClock.now()
    const signed = await signing.sign<Control>({
      ...word,
      version: known + 1,
      issuedBy: signing.person,
      issuedAtMs: nowMs,
      reason,
      expiresAtMs: nowMs + forMs,
      policy: null,
      signature: null,
    })
    requireFits(signed, word.list === null ? 'switch' : 'list')
    await desk.write(CONTROL_TOPIC, [signed])
    return signed
  })
}
