/**
 * What is kept about one key beside its windows, without a date of its own: the account as the platform last
 * told it, which episodes have been told, and the last event ids.
 *
 * F1. Bounded: the newest `MAX_FIRED` episodes, the last `RECENT_EVENTS` event ids, `MAX_WAITING` judgements that
 *     wait; what would pass that is not kept, and so does not fire.
 */
import type { AccountState } from '../domain/account.ts'
import type { EvidencePointer } from '../domain/signal.ts'
import { hash31 } from '../windows/hash.ts'

const MAX_FIRED = 256
const MAX_WAITING = 64
/** A repeat is recognised within this many events of the same key. */
export const RECENT_EVENTS = 32

export class Facts {
  account: AccountState | null = null
  dirty = false
  recentDirty = false
  /** `detector|actor` to the newest episode that was told. */
  readonly #fired = new Map<string, number>()
  readonly #recent = new Set<number>()
  /** Judgements that wait, by their timer's name, with the event that asked first. */
  readonly #waiting = new Map<string, EvidencePointer>()

  /** Whether the episode is newer than the last told one. */
  isNew(detector: string, episode: number): boolean {
    return episode > (this.#fired.get(detector) ?? -Infinity)
  }

  markFired(detector: string, episode: number): void {
    if (!this.isNew(detector, episode)) return
    this.#fired.delete(detector)
    this.#fired.set(detector, episode)
    for (const oldest of this.#fired.keys()) {
      if (this.#fired.size <= MAX_FIRED) break
      this.#fired.delete(oldest)
    }
    this.dirty = true
  }

  /** Notes an event id; false where it is a repeat. */
  note(eventId: string): boolean {
    const hash = hash31(eventId)
    if (this.#recent.has(hash)) return false
    this.#recent.add(hash)
    for (const oldest of this.#recent) {
      if (this.#recent.size <= RECENT_EVENTS) break
      this.#recent.delete(oldest)
    }
    this.recentDirty = true
    return true
  }

  /** Notes a judgement that waits; false where it waits already or too many do. */
  wait(name: string, pointer: EvidencePointer): boolean {
    if (this.#waiting.has(name) || this.#waiting.size >= MAX_WAITING) return false
    this.#waiting.set(name, pointer)
    this.dirty = true
    return true
  }

  /** Takes a waiting judgement out; null where none of that name waits. */
  takeWaiting(name: string): EvidencePointer | null {
    const pointer = this.#waiting.get(name) ?? null
    if (this.#waiting.delete(name)) this.dirty = true
    return pointer
  }

  encode(): Buffer {
    const stored: StoredFacts = {
      account: this.account,
      fired: [...this.#fired],
      waiting: [...this.#waiting],
    }
    return Buffer.from(JSON.stringify(stored))
  }

  encodeRecent(): Buffer {
    const cell = Buffer.alloc(this.#recent.size * 4)
    let at = 0
    for (const hash of this.#recent) at = cell.writeUInt32LE(hash, at)
    return cell
  }

  restore(cell: Buffer): void {
    const stored: unknown = JSON.parse(cell.toString())
    if (!isStored(stored)) throw new Error('A facts cell has an unknown shape.')
    this.account = stored.account
    for (const [detector, episode] of stored.fired) this.#fired.set(detector, episode)
    for (const [name, pointer] of stored.waiting) this.#waiting.set(name, pointer)
  }

  restoreRecent(cell: Buffer): void {
    for (let at = 0; at + 4 <= cell.length; at += 4) this.#recent.add(cell.readUInt32LE(at))
  }

  get bytes(): number {
    return 160 + this.#fired.size * 64 + this.#recent.size * 24 + (this.account === null ? 0 : 400)
  }
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
