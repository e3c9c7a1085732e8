/**
 * What governs all processes at once: which policy is active, and what has been stopped. Signed decisions of
 * people, with reason and expiry (P10); every process takes them over at a checkpoint boundary.
 */

/** Which bundle of topologies runs; a process never acquires a checkpoint of a newer version than its own. */
export interface ActivePolicy {
  readonly policyVersion: number
  /** SHA-256 of the bundle, lower-case hex. */
  readonly bundleSha256: string
  readonly approvedBy: readonly string[]
}

export const KILL_SWITCH_TARGETS = ['detector', 'clause', 'automaticSanctions'] as const
export type KillSwitchTarget = (typeof KILL_SWITCH_TARGETS)[number]

export interface KillSwitch {
  readonly stops: KillSwitchTarget
  /** The detector or clause; null for `automaticSanctions`. */
  readonly target: string | null
  /** True stops, false lets run again. */
  readonly engaged: boolean
}

/** Exactly one of `policy` and `killSwitch` is set. */
export interface Control {
  /** `policy`, or `killSwitch/` and its name: the record's key. */
  readonly id: string
  /** Rises with each record of the id; a lower one than known is ignored. */
  readonly version: number
  readonly issuedBy: string
  readonly issuedAtMs: number
  readonly reason: string
  readonly expiresAtMs: number | null
  readonly policy: ActivePolicy | null
  readonly killSwitch: KillSwitch | null
  /** Compact JWS over the record; null where the platform has not set up keys yet. */
  readonly signature: string | null
}
