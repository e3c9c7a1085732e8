/**
 * Known media, as `classify` asks for it: the lists, and which of their entries are to be trusted just now.
 */
import type { MediaFact } from '../../domain/content.ts'
import type { KnownMedia, MediaEntry } from '../../domain/known-media.ts'
import { EntryHits } from './entry-hits.ts'
import { MediaLists } from './media-lists.ts'

export interface KnownMediaOptions {
  /** Accounts that one entry may hit within an hour in this process; past it the entry is quarantined. */
  readonly quarantineAccounts: number
  readonly onQuarantine: (entryId: string, list: string) => void
  /** Lets other work have its turn while the index is built. */
  readonly breathe: () => Promise<void>
}

export class KnownMediaSnapshot {
  readonly #lists: MediaLists
  readonly #hits: EntryHits

  constructor({ quarantineAccounts, onQuarantine, breathe }: KnownMediaOptions) {
    this.#lists = new MediaLists(breathe)
    this.#hits = new EntryHits(quarantineAccounts, onQuarantine)
  }

  get size(): number {
    return this.#lists.size
  }

  apply(entry: MediaEntry): void {
    this.#lists.apply(entry)
    this.#hits.forget(entry.id)
  }

  remove(id: string): void {
    this.#lists.remove(id)
    this.#hits.forget(id)
  }

  /** Resolves when lookups are at their fastest; they are right before it too. */
  settled(): Promise<void> {
    return this.#lists.settled()
  }

  /** What each list says of an item of that account; hits are noted. */
  matches(fact: MediaFact, accountId: string, timeMs: number): readonly KnownMedia[] {
    return this.#lists.matches(fact, timeMs).map((known) => {
      const hitsMany = this.#hits.note(known.entryId, known.list, accountId, timeMs)
      return hitsMany ? { ...known, quarantined: true } : known
    })
  }
}
