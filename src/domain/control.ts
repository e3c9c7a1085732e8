/**
 * What governs all processes at once: which policy is active, what has been stopped, and which accounts are on a list. Signed decisions of
 * people, with reason and expiry (P10); every process takes them over at a checkpoint boundary.
 */

/** Which bundle of topologies runs; a process never acquires a checkpoint of a newer version than its own. */
export interface ActivePolicy {
  /** The version that the policy gives itself, as signals and sanctions name it. */
  readonly policyVersion: number
  /** SHA-256 of the bundle, lower-case hex. */
  readonly bundleSha256: string
  readonly approvedBy: readonly string[]
  /** The bundle itself: every process checks and compiles it on its own. */
  readonly files: readonly PolicyFile[]
  /** The scenarios that it passed; null where nobody says so. */
  readonly tested: TestedPolicy | null
}

export interface PolicyFile {
  readonly name: string
  readonly text: string
}

export interface TestedPolicy {
  /** How many passed; none failed. */
  readonly scenarios: number
  /** SHA-256 of the scenario files, lower-case hex. */
  readonly scenariosSha256: string
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

/** The most accounts on one list. */
export const MOST_LISTED = 10_000

/** A list of accounts, whole: who is not named here is not on it. Conditions ask for it by name. */
export interface AccountList {
  readonly name: string
  readonly accountIds: readonly string[]
}

/** Exactly one of `policy`, `killSwitch` and `list` is set. */
export interface Control {
  /** `policy/` with version and digest, `killSwitch/` or `list/` and its name: the record's key. */
  readonly id: string
  /** Rises with each record of the id, over all bundles; a lower one than known is ignored. */
  readonly version: number
  readonly issuedBy: string
  readonly issuedAtMs: number
  readonly reason: string
  readonly expiresAtMs: number | null
  readonly policy: ActivePolicy | null
  readonly killSwitch: KillSwitch | null
  readonly list: AccountList | null
  /** Compact JWS over the record; null where the platform has not set up keys yet. */
  readonly signature: string | null
}
