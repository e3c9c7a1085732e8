/**
 * How many accounts each list entry hits within an hour. An entry that suddenly hits many is more likely wrong (a stock
 * picture, a blank frame, a test image) than are they: it is quarantined here, told loudly, and nothing is enforced on
 * it until somebody has written the entry anew.
 *
 * Q1. Counted by this process, over the accounts that it sees, in hours of event time. The count restarts with the
 *     process; a quarantine that is to stay is written into the entry.
 * Q2. Bounded: `MOST_ENTRIES` entries (the one hit longest ago gives way), and of each as many accounts as it takes.
 */
const HOUR_MS = 3_600_000
const MOST_ENTRIES = 10_000

interface Hits {
  hour: number
  readonly accounts: Set<string>
  quarantined: boolean
}

export class EntryHits {
  readonly #mostAccounts: number
  readonly #onQuarantine: (entryId: string, list: string) => void
  readonly #hits = new Map<string, Hits>()

  constructor(mostAccounts: number, onQuarantine: (entryId: string, list: string) => void) {
    this.#mostAccounts = mostAccounts
    this.#onQuarantine = onQuarantine
  }

  /** Notes a hit; true where the entry is quarantined with it. */
  note(entryId: string, list: string, accountId: string, timeMs: number): boolean {
    const hits = this.#of(entryId)
    if (hits.quarantined) return true
    const hour = Math.floor(timeMs / HOUR_MS)
    if (hour > hits.hour) {
      hits.hour = hour
      hits.accounts.clear()
    }
    hits.accounts.add(accountId)
    if (hits.accounts.size <= this.#mostAccounts) return false
    hits.quarantined = true
    hits.accounts.clear()
    this.#onQuarantine(entryId, list)
    return true
  }

  /** The entry was written anew or removed: somebody has looked. */
  forget(entryId: string): void {
    this.#hits.delete(entryId)
  }

  #of(entryId: string): Hits {
    const known = this.#hits.get(entryId)
    const hits = known ?? { hour: 0, accounts: new Set<string>(), quarantined: false }
    this.#hits.delete(entryId)
    this.#hits.set(entryId, hits)
    const [longestAgo] = this.#hits.keys()
    if (this.#hits.size > MOST_ENTRIES && longestAgo !== undefined) this.#hits.delete(longestAgo)
    return hits
  }
}
