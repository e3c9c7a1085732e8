/** `bailiff snooze ACCOUNT`: what is found of it goes to people for a while, instead of leading to a sanction by itself. */
import { snoozeText } from '../../console/account-history.ts'
import { decisionOf } from '../../console/word.ts'
import { systemClock } from '../../domain/clock.ts'
import { LONGEST_SNOOZE_MS } from '../../enforce/snoozes.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { lengthMs } from '../people/control-word.ts'
import { atDesk, signingOf } from '../people/desk.ts'
import { requireNamed } from '../people/rules-in-force.ts'

export interface SnoozeOptions {
  /** Null: of every detector. */
  readonly detector: string | null
  /** How long it holds, as in 7d; null where it ends. */
  readonly for: string | null
  readonly end: boolean
  readonly reason: string
  readonly json: boolean
}

const TOPIC = 'abuse.decisions.v1'

export async function snooze(
  context: CommandContext,
  accountId: string,
  options: SnoozeOptions,
): Promise<number> {
  const forMs = lengthOf(options)
  const { reason, detector: detectorId } = options
  if (reason.trim() === '') throw usageError(['--reason: say why; a decision without a reason is none'])
  const signing = await signingOf(context)
  if (detectorId !== null && !options.end) await requireNamed(context, 'detector', detectorId)
  return atDesk(context, { reads: [], writes: [TOPIC] }, async (desk) => {
    const nowMs = systemClock.now()
    const snoozed = { detectorId, untilMs: nowMs + forMs }
    const word = { accountId, kind: 'snooze' as const, reason, sawContent: false, snooze: snoozed }
    const decision = await signing.sign(decisionOf(word, signing.person, nowMs))
    await desk.write(TOPIC, [decision])
    if (options.json) context.print(JSON.stringify(decision))
    else
      context.print(`${snoozeText(snoozed, nowMs)}, of ${accountId}, by ${signing.person}: signed and sent`)
    return EXIT.ok
  })
}

/** 0 ends it. */
function lengthOf({ end, for: text }: SnoozeOptions): number {
  if (end === (text !== null)) throw usageError(['say how long, as in --for 7d, or --end'])
  const forMs = text === null ? 0 : lengthMs(text, 'snooze', '7d')
  if (forMs > LONGEST_SNOOZE_MS)
    throw usageError([
      `--for ${text ?? ''}: a snooze holds for 366d at most; after that somebody has to look again`,
    ])
  return forMs
}
