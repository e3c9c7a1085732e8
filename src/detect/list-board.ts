/**
 * Lists of accounts as people have published them on the control topic: one snapshot for all tasks of a process.
 *
 * L1. Of a list the highest version counts, whole: who is not on it is not on the list. A lower one, or the same again,
 *     changes nothing.
 * L2. A list that nobody has published, and one that has run out by the event's own time, is unknown.
 */
import type { AccountList, Control } from '../domain/control.ts'

/** Whether the account is on the list at that time; null where that is unknown. */
export type ListLookup = (name: string, accountId: string, timeMs: number) => boolean | null

/** Where nobody publishes lists. */
export const NO_LISTS: ListLookup = () => null

interface KnownList {
  readonly version: number
  readonly expiresAtMs: number
  readonly accountIds: ReadonlySet<string>
}

export class ListBoard {
  readonly #lists = new Map<string, KnownList>()
  readonly #offsets = new Map<string, number>()

  /** Takes a control record that counts; what is no list changes nothing here. */
  apply(
    { list, version, expiresAtMs }: Control,
    position: { readonly topic: string; readonly partition: number; readonly offset: number },
  ): void {
    if (list === null) return
    this.#offsets.set(`${position.topic}/${position.partition}`, position.offset + 1)
    if (version <= (this.#lists.get(list.name)?.version ?? 0)) return
    this.#lists.set(list.name, known(list, version, expiresAtMs))
  }

  has(name: string, accountId: string, timeMs: number): boolean | null {
    const list = this.#lists.get(name)
    return list === undefined || timeMs >= list.expiresAtMs ? null : list.accountIds.has(accountId)
  }

  /** When it runs out; null where nobody has published it. */
  endsAtMs(name: string): number | null {
    return this.#lists.get(name)?.expiresAtMs ?? null
  }

  /** Next offsets, `topic/partition`: what a signal names as the lists that it read. */
  offsets(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#offsets)
  }
}

function known({ accountIds }: AccountList, version: number, expiresAtMs: number | null): KnownList {
  return { version, expiresAtMs: expiresAtMs ?? Infinity, accountIds: new Set(accountIds) }
}
