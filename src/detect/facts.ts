/**
 * What is kept about one key beside its windows: the account as the platform last told it, which episodes have
 * been told, which judgements wait, and the last event ids.
 *
 * F1. Bounded: the newest `MAX_FIRED` episodes, `MAX_WAITING` judgements that wait (more are not asked again, and
 *     so do not fire), the last `RECENT_EVENTS` event ids of each hour of event time.
 * F2. Event ids are kept by hour of event time: a repeat has the time of its first, and an hour that is over
 *     leaves the store as a whole.
 */
import type { AccountState } from '../domain/account.ts'
import type { EvidencePointer } from '../domain/signal.ts'
import { hash47 } from '../windows/hash.ts'

const MAX_FIRED = 256
const MAX_WAITING = 64
/** A repeat is recognised within this many events of the same key and hour. */
export const RECENT_EVENTS = 32
export const RECENT_MS = 3_600_000
const HASH_BYTES = 6

/** The last event ids of one hour, oldest first. */
interface RecentHour {
  readonly hour: number
  hashes: number[]
  /** Where the next one goes once all places are taken. */
  next: number
  dirty: boolean
}

export class Facts {
  #account: AccountState | null = null
  dirty = false
  /** `detector|actor` to the newest episode that was told. */
  #fired: Map<string, number> | null = null
  /** The same for signals about the whole account, by detector alone: spares the names while a condition goes on. */
  #toldOfAccount: Map<string, number> | null = null
  /** Judgements that wait, by their timer's name, with the event that asked first. */
  #waiting: Map<string, EvidencePointer> | null = null
  #recent: RecentHour[] = []
  /** The hour of the last event: nearly always that of the next one. */
  #lastHour: RecentHour | null = null
  #oldestExpiresMs = Infinity

  get account(): AccountState | null {
    return this.#account
  }

  set account(account: AccountState | null) {
    this.#account = account
    this.dirty = true
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

  /** Notes an event id; false where it is a repeat. */
  note(eventId: string, timeMs: number): boolean {
    const hash = hash47(eventId)
    const recent = this.#recentHour(Math.floor(timeMs / RECENT_MS))
    if (recent.hashes.includes(hash)) return false
    recent.hashes[recent.next] = hash
    recent.next = (recent.next + 1) % RECENT_EVENTS
    recent.dirty = true
    return true
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
    }
    return Buffer.from(JSON.stringify(stored))
  }

  restore(cell: Buffer): void {
    const stored: unknown = JSON.parse(cell.toString())
    if (!isStored(stored)) throw new Error('A facts cell has an unknown shape.')
    this.#account = stored.account
    if (stored.fired.length > 0) this.#fired = new Map(stored.fired)
    if (stored.waiting.length > 0) this.#waiting = new Map(stored.waiting)
  }

  /** Encodes the hours whose ids changed and takes them as saved. */
  recentChanges(write: (hour: number, cell: Buffer) => void): void {
    for (const recent of this.#recent) {
      if (!recent.dirty) continue
      recent.dirty = false
      write(recent.hour, encodeHashes(inOrder(recent)))
    }
  }

  restoreRecent(hour: number, cell: Buffer): void {
    const hashes: number[] = []
    for (let at = 0; at + HASH_BYTES <= cell.length; at += HASH_BYTES) {
      hashes.push(cell.readUIntLE(at, HASH_BYTES))
    }
    this.#keepHour({ hour, hashes, next: hashes.length % RECENT_EVENTS, dirty: false })
  }

  /** Lets go of hours that have left the store. */
  dropExpired(streamTimeMs: number): void {
    if (this.#oldestExpiresMs > streamTimeMs) return
    this.#lastHour = null
    this.#recent = this.#recent.filter(({ hour }) => recentExpiryMs(hour) > streamTimeMs)
    this.#noteOldest()
  }

  get bytes(): number {
    let bytes = 160 + (this.#fired?.size ?? 0) * 128 + (this.#waiting?.size ?? 0) * 512
    for (const { hashes } of this.#recent) bytes += 96 + hashes.length * 8
    return bytes + (this.#account === null ? 0 : 400)
  }

  #recentHour(hour: number): RecentHour {
    if (this.#lastHour?.hour === hour) return this.#lastHour
    return (this.#lastHour = this.#findHour(hour))
  }

  #findHour(hour: number): RecentHour {
    for (const known of this.#recent) if (known.hour === hour) return known
    return this.#keepHour({ hour, hashes: [], next: 0, dirty: false })
  }

  #keepHour(recent: RecentHour): RecentHour {
    this.#recent.push(recent)
    this.#recent.sort((a, b) => a.hour - b.hour)
    this.#noteOldest()
    return recent
  }

  #noteOldest(): void {
    const oldest = this.#recent[0]
    this.#oldestExpiresMs = oldest === undefined ? Infinity : recentExpiryMs(oldest.hour)
  }
}

/** When the ids of an hour leave the store: an hour after it, far past every allowed lateness. */
export function recentExpiryMs(hour: number): number {
  return (hour + 2) * RECENT_MS
}

/** Oldest first, so that what is read back goes on where it stopped. */
function inOrder({ hashes, next }: RecentHour): readonly number[] {
  return hashes.length < RECENT_EVENTS ? hashes : [...hashes.slice(next), ...hashes.slice(0, next)]
}

function encodeHashes(hashes: readonly number[]): Buffer {
  const cell = Buffer.allocUnsafe(hashes.length * HASH_BYTES)
  let at = 0
  for (const hash of hashes) at = cell.writeUIntLE(hash, at, HASH_BYTES)
  return cell
}

interface StoredFacts {
  readonly account: AccountState | null
  readonly fired: readonly (readonly [string, number])[]
  readonly waiting: readonly (readonly [string, EvidencePointer])[]
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
