/** `bailiff switch off|on|list`: stops a detector, a clause or all automatic sanctions at once, and lets run again. */
import { Switches } from '../../enforce/switches.ts'
import type { Control, KillSwitch } from '../../domain/control.ts'
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { atDesk, signingOf } from '../people/desk.ts'

export interface SwitchOptions {
  readonly detector: string | null
  readonly clause: string | null
  readonly all: boolean
  readonly reason: string
  /** How long it holds, as in 4h. */
  readonly for: string
  readonly json: boolean
}

const TOPIC = 'bailiff.control.v1'

export async function setSwitch(
  context: CommandContext,
  engaged: boolean,
  options: SwitchOptions,
): Promise<number> {
  const killSwitch = killSwitchOf(options, engaged)
  const forMs = parseDuration(options.for)
  if (forMs === null || forMs === 0)
    throw usageError([`--for ${options.for}: every switch has an end; write a duration such as 4h`])
  if (options.reason.trim() === '') throw usageError(['--reason: say why'])
  const signing = await signingOf(context)
  return atDesk(context, { reads: [TOPIC], writes: [TOPIC] }, async (desk) => {
    const id = ['killSwitch', killSwitch.stops, killSwitch.target ?? 'all'].join('/')
    // Above every version that any process may have taken, also by a key that does not count any more.
    let known = 0
    for await (const one of desk.trusting().each(TOPIC))
      if (one.id === id) known = Math.max(known, one.version)
    const nowMs = systemClock.now()
    const control: Control = {
      id,
      version: known + 1,
      issuedBy: signing.person,
      issuedAtMs: nowMs,
      reason: options.reason,
      expiresAtMs: nowMs + forMs,
      policy: null,
      killSwitch,
      list: null,
      signature: null,
    }
    const signed = await signing.sign(control)
    await desk.write(TOPIC, [signed])
    if (options.json) context.print(JSON.stringify(signed))
    else context.print(`${described(killSwitch)}, by ${signing.person}, for ${options.for}`)
    return EXIT.ok
  })
}

export function listSwitches(context: CommandContext, json: boolean): Promise<number> {
  return atDesk(context, { reads: [TOPIC], writes: [] }, async (desk) => {
    const switches = new Switches()
    for await (const control of desk.each(TOPIC)) switches.apply(control)
    const engaged = switches.engaged(systemClock.now())
    for (const one of engaged) context.print(json ? JSON.stringify(one) : described(one))
    if (!json) context.stderr.line(`${engaged.length} switches engaged`)
    return EXIT.ok
  })
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
