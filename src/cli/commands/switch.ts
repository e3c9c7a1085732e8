/** `bailiff switch off|on|list`: stops a detector, a clause or all automatic sanctions at once, and lets run again. */
import { Switches, type Engaged } from '../../enforce/switches.ts'
import type { KillSwitch } from '../../domain/control.ts'
import { systemClock } from '../../domain/clock.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { lengthMs, requireReason, sayControl } from '../people/control-word.ts'
import { atDesk } from '../people/desk.ts'
import { CONTROL_TOPIC } from '../people/published.ts'
import { requireNamed } from '../people/rules-in-force.ts'

export interface SwitchOptions {
  readonly detector: string | null
  readonly clause: string | null
  readonly all: boolean
  readonly reason: string
  /** How long it holds, as in 4h; what lets run again has no end, for there is nothing to go back to. */
  readonly for: string
  readonly json: boolean
}

export async function setSwitch(
  context: CommandContext,
  engaged: boolean,
  options: SwitchOptions,
): Promise<number> {
  const killSwitch = killSwitchOf(options, engaged)
  const forMs = lengthMs(options.for, 'switch', '4h')
  requireReason(options.reason)
  // What was stopped under a name that nobody knows may be let go under it.
  if (engaged && (killSwitch.stops === 'detector' || killSwitch.stops === 'clause'))
    await requireNamed(context, killSwitch.stops, killSwitch.target ?? '')
  const id = ['killSwitch', killSwitch.stops, killSwitch.target ?? 'all'].join('/')
  const signed = await sayControl(context, { id, killSwitch, list: null }, options.reason, forMs)
  if (options.json) context.print(JSON.stringify(signed))
  else {
    const held = engaged ? `, for ${options.for}` : ''
    context.print(`${described(killSwitch)}, by ${signed.issuedBy}${held}: signed and sent`)
  }
  return EXIT.ok
}

export function listSwitches(context: CommandContext, json: boolean): Promise<number> {
  return atDesk(context, { reads: [CONTROL_TOPIC], writes: [] }, async (desk) => {
    const switches = new Switches()
    for await (const control of desk.each(CONTROL_TOPIC)) switches.apply(control)
    const engaged = switches.engagedBy(systemClock.now())
    for (const one of engaged) context.print(json ? switchJson(one) : switchLine(one))
    if (!json) context.stderr.line(`switches engaged: ${engaged.length}`)
    return EXIT.ok
  })
}

/** What is stopped, by whom, until when and why. */
export function switchLine({ killSwitch, issuedBy, expiresAtMs, reason }: Engaged): string {
  const until = expiresAtMs === null ? '' : `, until ${new Date(expiresAtMs).toISOString()}`
  return `${described(killSwitch)}, by ${issuedBy}${until}: ${reason}`
}

function switchJson({ killSwitch, ...word }: Engaged): string {
  return JSON.stringify({ ...killSwitch, ...word })
}

function killSwitchOf({ detector, clause, all }: SwitchOptions, engaged: boolean): KillSwitch {
  if ([detector !== null, clause !== null, all].filter(Boolean).length !== 1)
    throw usageError(['say what: --detector ID, --clause ID or --all'])
  if (detector !== null) return { stops: 'detector', target: detector, engaged }
  if (clause !== null) return { stops: 'clause', target: clause, engaged }
  return { stops: 'automaticSanctions', target: null, engaged }
}

function described({ stops, target, engaged }: KillSwitch): string {
  const what = target === null ? 'all automatic sanctions' : `${stops} ${target}`
  return `${what}: ${engaged ? 'stopped' : 'running'}`
}
