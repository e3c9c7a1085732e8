/**
 * What is known of one key beside its windows, without a date: the account as the platform last told it, what it stands
 * under, which episodes have been told, which judgements wait.
 *
 * F1. Bounded: the newest `MAX_FIRED` episodes, `MAX_WAITING` judgements that wait (more are not asked again, and
 *     so do not fire); a standing is bounded by itself (`standing-view.ts`).
 */
import type { AccountState, Grant } from '../domain/account.ts'
import { clockHour, grantName, type GrantUse } from '../domain/grants.ts'
import type { EvidencePointer } from '../domain/signal.ts'
import type { ActiveSanction } from '../domain/standing.ts'
import type { StandingView } from '../topology/model.ts'
import { CLEAR, isClear } from './standing-view.ts'

const MAX_FIRED = 256
const MAX_WAITING = 64

export class Facts implements GrantUse {
  #account: AccountState | null = null
  /** Null for nearly all, who have none. */
  #standing: StandingView | null = null
  dirty = false
  /** `detector|actor` to the newest episode that was told. */
  #fired: Map<string, number> | null = null
  /** The same for signals about the whole account, by detector alone: spares the names while a condition goes on. */
  #toldOfAccount: Map<string, number> | null = null
  /** Judgements that wait, by their timer's name, with the event that asked first. */
  #waiting: Map<string, EvidencePointer> | null = null
  /** Of grants with a cap, by name: the clock hour in which one was used last, and by how many requests. */
  #used: Map<string, readonly [number, number]> | null = null

  get account(): AccountState | null {
    return this.#account
  }

  set account(account: AccountState | null) {
    this.#account = account
    this.#forgetUse()
    this.dirty = true
  }

  /** What it stands under, as enforcement last told it. */
  get standing(): StandingView {
    return this.#standing ?? CLEAR
  }

  set standing(standing: StandingView) {
    this.#standing = isClear(standing) ? null : standing
    this.dirty = true
  }

  /** How much of a grant with a cap was used in the clock hour of that time. */
  usedOf(grant: Grant, timeMs: number): number {
    const [hour, requests] = this.#used?.get(grantName(grant)) ?? [NaN, 0]
    return hour === clockHour(timeMs) ? requests : 0
  }

  /** Notes a request that counts towards the grant's cap; one of an hour that is over no longer does. */
  noteUse(grant: Grant, timeMs: number): void {
    const used = (this.#used ??= new Map<string, readonly [number, number]>())
    const hour = clockHour(timeMs)
    const [last, requests] = used.get(grantName(grant)) ?? [-Infinity, 0]
    if (hour < last) return
    used.set(grantName(grant), [hour, hour === last ? requests + 1 : 1])
    this.dirty = true
  }

  /** What is no longer granted is not counted. */
  #forgetUse(): void {
    const names = new Set(this.#account?.grants.map(grantName))
    for (const name of this.#used?.keys() ?? []) if (!names.has(name)) this.#used?.delete(name)
  }

  /** Whether the episode is newer than the last told one. */
  isNew(detector: string, episode: number): boolean {
    return episode > (this.#fired?.get(detector) ?? -Infinity)
  }

  /** True only where `isNew` is false too; false where it has not been noted, as after a restart. */
  isToldOfAccount(detectorId: string, episode: number): boolean {
    return episode <= (this.#toldOfAccount?.get(detectorId) ?? -Infinity)
  }

  noteToldOfAccount(detectorId: string, episode: number): void {
    const told = (this.#toldOfAccount ??= new Map<string, number>())
    told.set(detectorId, Math.max(episode, told.get(detectorId) ?? -Infinity))
  }

  markFired(detector: string, episode: number): void {
    if (!this.isNew(detector, episode)) return
    const fired = (this.#fired ??= new Map<string, number>())
    fired.delete(detector)
    fired.set(detector, episode)
    for (const oldest of fired.keys()) {
      if (fired.size <= MAX_FIRED) break
      fired.delete(oldest)
    }
    this.dirty = true
  }

  /** Notes a judgement that waits; false where it waits already or too many do. */
  wait(name: string, pointer: EvidencePointer): boolean {
    const waiting = (this.#waiting ??= new Map<string, EvidencePointer>())
    if (waiting.has(name) || waiting.size >= MAX_WAITING) return false
    waiting.set(name, pointer)
    this.dirty = true
    return true
  }

  /** Takes a waiting judgement out; null where none of that name waits. */
  takeWaiting(name: string): EvidencePointer | null {
    const pointer = this.#waiting?.get(name) ?? null
    if (this.#waiting?.delete(name) === true) this.dirty = true
    return pointer
  }

  encode(): Buffer {
    const stored: StoredFacts = {
      account: this.#account,
      fired: [...(this.#fired ?? [])],
      waiting: [...(this.#waiting ?? [])],
      ...this.#standing,
      ...(this.#used === null ? {} : { used: [...this.#used] }),
    }
    return Buffer.from(JSON.stringify(stored))
  }

  restore(cell: Buffer): void {
    const stored: unknown = JSON.parse(cell.toString())
    if (!isStored(stored)) throw new Error('A facts cell has an unknown shape.')
    this.#account = stored.account === null ? null : accountOf(stored.account)
    if (stored.used !== undefined) this.#used = new Map(stored.used)
    if (stored.fired.length > 0) this.#fired = new Map(stored.fired)
    if (stored.waiting.length > 0) this.#waiting = new Map(stored.waiting.map(waitingOf))
    const { sanctions, strikesUntilMs = null, snoozes = null } = stored
    if (sanctions !== undefined) this.#standing = { sanctions, strikesUntilMs, snoozes }
  }

  get bytes(): number {
    const bytes =
      160 + (this.#fired?.size ?? 0) * 128 + (this.#waiting?.size ?? 0) * 512 + (this.#used?.size ?? 0) * 128
    const { sanctions, strikesUntilMs, snoozes } = this.standing
    const ofStanding =
      sanctions.length * 400 + (strikesUntilMs?.length ?? 0) * 16 + (snoozes?.length ?? 0) * 120
    return bytes + ofStanding + (this.#account === null ? 0 : bytesOf(this.#account))
  }
}

function bytesOf({ ownHosts, grants }: AccountState): number {
  return 400 + 24 * (ownHosts?.hostHashes.length ?? 0) + 200 * grants.length
}

/** Left out by who knew of no hosts: they are unknown; of no parts of accounts and no caps: grants had none. */
type StoredAccount = Omit<AccountState, 'ownHosts' | 'grants'> &
  Partial<Pick<AccountState, 'ownHosts'>> & { readonly grants: readonly StoredGrant[] }
type StoredGrant = Omit<Grant, LaterOfGrant> & Partial<Pick<Grant, LaterOfGrant>>
type LaterOfGrant = 'scope' | 'capRequestsPerHour' | 'evidence'

/** Left out by who knew of no templates. */
type StoredPointer = Omit<EvidencePointer, 'templateHash'> & Partial<Pick<EvidencePointer, 'templateHash'>>

function waitingOf([name, pointer]: readonly [string, StoredPointer]): [string, EvidencePointer] {
  const { templateHash = null } = pointer
  return [name, { ...pointer, templateHash }]
}

function accountOf(stored: StoredAccount): AccountState {
  const grants = stored.grants.map(
    ({ scope = null, capRequestsPerHour = null, evidence = null, ...grant }) => {
      return { ...grant, scope, capRequestsPerHour, evidence }
    },
  )
  return { ...stored, grants, ownHosts: stored.ownHosts ?? null }
}

interface StoredFacts {
  readonly account: StoredAccount | null
  readonly fired: readonly (readonly [string, number])[]
  readonly waiting: readonly (readonly [string, StoredPointer])[]
  /** Only where it stands under anything. */
  readonly sanctions?: readonly ActiveSanction[]
  /** Left out by who knew of no strikes: they are unknown. */
  readonly strikesUntilMs?: readonly number[] | null
  /** Left out by who knew of no snoozes: they are unknown. */
  readonly snoozes?: StandingView['snoozes']
  /** Only where a grant with a cap was used. */
  readonly used?: readonly (readonly [string, readonly [number, number]])[]
}

/** Written by this file alone; the check tells another version's shape from ours. */
function isStored(value: unknown): value is StoredFacts {
  return (
    typeof value === 'object' &&
    value !== null &&
    'account' in value &&
    'fired' in value &&
    'waiting' in value
  )
}
