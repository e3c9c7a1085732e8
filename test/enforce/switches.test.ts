import { describe, expect, it } from 'vitest'
import { switchLine } from '../../src/cli/commands/switch.ts'
import type { Control, KillSwitch } from '../../src/domain/control.ts'
import { Switches } from '../../src/enforce/switches.ts'
import { HOUR, T0 } from './support/fixtures.ts'

const DETECTOR = 'scraping.bulk-harvest'
const CLAUSE = 'fair-use.scraping'

function control(killSwitch: KillSwitch, more: Partial<Control> = {}): Control {
  return {
    id: `killSwitch/${killSwitch.stops}/${killSwitch.target ?? 'all'}`,
    version: 1,
    issuedBy: 'ann',
    issuedAtMs: T0,
    reason: 'it fires on everybody',
    expiresAtMs: T0 + HOUR,
    policy: null,
    killSwitch,
    list: null,
    signature: null,
    ...more,
  }
}

const stop = (stops: KillSwitch['stops'], target: string | null): KillSwitch => ({
  stops,
  target,
  engaged: true,
})

function after(...controls: readonly Control[]): Switches {
  const switches = new Switches()
  for (const one of controls) switches.apply(one)
  return switches
}

describe('a kill switch', () => {
  it('stops its detector, its clause or everything, and nothing else', () => {
    const off = (switches: Switches) =>
      [
        [DETECTOR, CLAUSE],
        ['scraping.other', CLAUSE],
        ['malware.generation', 'prohibited.malware'],
      ].map(([detector = '', clause = '']) => switches.switchedOff(detector, clause, T0))
    expect(off(after())).toEqual([false, false, false])
    expect(off(after(control(stop('detector', DETECTOR))))).toEqual([true, false, false])
    expect(off(after(control(stop('clause', CLAUSE))))).toEqual([true, true, false])
    expect(off(after(control(stop('automaticSanctions', null))))).toEqual([true, true, true])
  })

  it('is listed with who engaged it, why and until when', () => {
    const [one] = after(control(stop('detector', DETECTOR))).engagedBy(T0)
    expect(one === undefined ? '' : switchLine(one)).toBe(
      `detector ${DETECTOR}: stopped, by ann, until ${new Date(T0 + HOUR).toISOString()}: it fires on everybody`,
    )
    expect(after(control(stop('detector', DETECTOR))).engagedBy(T0 + HOUR)).toEqual([])
  })

  it('holds until it expires, or until a newer record lets run', () => {
    const stopped = control(stop('detector', DETECTOR))
    expect(after(stopped).switchedOff(DETECTOR, CLAUSE, T0 + HOUR - 1)).toBe(true)
    expect(after(stopped).switchedOff(DETECTOR, CLAUSE, T0 + HOUR)).toBe(false)
    const running = control({ ...stop('detector', DETECTOR), engaged: false }, { version: 2 })
    expect(after(stopped, running).switchedOff(DETECTOR, CLAUSE, T0)).toBe(false)
    expect(after(running, stopped).switchedOff(DETECTOR, CLAUSE, T0)).toBe(false)
    // Of two who spoke at once the first counts, as of two bundles.
    const same = { ...running, version: 1 }
    expect(after(stopped, same).switchedOff(DETECTOR, CLAUSE, T0)).toBe(true)
    expect(after(same, stopped).switchedOff(DETECTOR, CLAUSE, T0)).toBe(false)
  })
})

describe('who enabled a detector', () => {
  it('is whoever let it run again, and those who approved the active bundle', () => {
    const letRun = control({ ...stop('detector', DETECTOR), engaged: false }, { issuedBy: 'ben' })
    const policy = {
      policyVersion: 7,
      bundleSha256: 'a'.repeat(64),
      approvedBy: ['cat', 'dan'],
      files: [],
      tested: null,
    }
    const approved: Control = { ...letRun, id: 'policy', policy, killSwitch: null }
    const signed = { ...approved, issuedBy: 'eve' }
    expect(after(letRun, signed).enabledBy(DETECTOR)).toEqual(['ben', 'cat', 'dan', 'eve'])
    const replaced = {
      ...signed,
      id: 'policy/2',
      version: 2,
      issuedBy: 'gil',
      policy: { ...policy, approvedBy: [] },
    }
    expect(after(signed, replaced).enabledBy(DETECTOR)).toEqual(['gil'])
    expect(after(letRun).enabledBy('malware.generation')).toEqual([])
    // A stop that ran out let it run again, by whoever chose its end.
    expect(after(control(stop('detector', DETECTOR), { issuedBy: 'fay' })).enabledBy(DETECTOR)).toEqual([
      'fay',
    ])
  })
})
