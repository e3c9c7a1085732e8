/**
 * What people have stopped, and who let detectors run, as the control topic tells it: one snapshot for all tasks of a
 * process.
 *
 * K1. Of an id the highest version counts; a lower one, or the same again, changes nothing. Nothing is ever removed:
 *     who wants a switch gone lets run what it stopped, in a record of their own.
 * K2. A switch holds until it expires; from then on it is as if it had never been.
 */
import type { Control, KillSwitch } from '../domain/control.ts'

/** A switch that holds, in the words of whoever engaged it. */
export interface Engaged extends Pick<Control, 'issuedBy' | 'issuedAtMs' | 'reason' | 'expiresAtMs'> {
  readonly killSwitch: KillSwitch
}

export class Switches {
  readonly #controls = new Map<string, Control>()

  apply(control: Control): void {
    const known = this.#controls.get(control.id)
    if (known === undefined || control.version > known.version) this.#controls.set(control.id, control)
  }

  /** Whether a finding of the detector under the clause leads to nothing now. */
  switchedOff(detectorId: string, clause: string, nowMs: number): boolean {
    return this.engaged(nowMs).some(({ stops, target }) => {
      if (stops === 'automaticSanctions') return true
      return target === (stops === 'detector' ? detectorId : clause)
    })
  }

  /** Everything that is stopped now. */
  engaged(nowMs: number): readonly KillSwitch[] {
    return this.engagedBy(nowMs).map(({ killSwitch }) => killSwitch)
  }

  /** The same, with who stopped it, why, and until when. */
  engagedBy(nowMs: number): readonly Engaged[] {
    return [...this.#controls.values()]
      .filter(({ expiresAtMs }) => expiresAtMs === null || nowMs < expiresAtMs)
      .flatMap(({ killSwitch, issuedBy, issuedAtMs, reason, expiresAtMs }) =>
        killSwitch?.engaged === true ? [{ killSwitch, issuedBy, issuedAtMs, reason, expiresAtMs }] : [],
      )
  }

  /**
   * Who put the detector live: those who approved the active bundle and who signed it, and whoever let it run again, be
   * it by a switch that has run out.
   */
  enabledBy(detectorId: string): readonly string[] {
    const controls = [...this.#controls.values()]
    const newest = Math.max(0, ...controls.flatMap(({ policy, version }) => (policy === null ? [] : version)))
    return controls.flatMap(({ policy, killSwitch, issuedBy, version }) => {
      if (policy !== null) return version === newest ? [...policy.approvedBy, issuedBy] : []
      return killSwitch?.stops === 'detector' && killSwitch.target === detectorId ? [issuedBy] : []
    })
  }
}
