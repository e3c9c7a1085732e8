/**
 * Scores of texts that were seen before, and which turns of a conversation were already told.
 *
 * M1. Keys are keyed digests of the exact text; no text is held. Exact, so that a hit and a miss give the same scores.
 * M2. Bounded in entries. A cache lives and dies with one model, so its version is no part of the key.
 */
import { Recent } from './recent.ts'
import type { TextScores } from './text-scores.ts'

export class VerdictCache {
  readonly #scores: Recent<TextScores | null>
  readonly #turns: Recent<string>
  readonly #entries: number

  constructor(entries: number, turns = new Recent<string>(entries)) {
    this.#entries = entries
    this.#scores = new Recent(entries)
    this.#turns = turns
  }

  /** Empty of scores, which were another model's; what was told stays told. */
  forNextModel(): VerdictCache {
    return new VerdictCache(this.#entries, this.#turns)
  }

  /** Null: no model can score the text, and trying again would only kill again; undefined: not asked before. */
  scoresOf(digest: string): TextScores | null | undefined {
    return this.#scores.get(digest)
  }

  keepScores(digest: string, scores: TextScores | null): void {
    this.#scores.set(digest, scores)
  }

  /** True when another event has told this turn. The same event, asked again, tells it again: a retry loses nothing. */
  toldByAnother(turnKey: string, eventId: string): boolean {
    const teller = this.#turns.get(turnKey)
    return teller !== undefined && teller !== eventId
  }

  /** The first event to tell a turn stays its teller. */
  keepTold(turnKey: string, eventId: string): void {
    if (this.#turns.get(turnKey) === undefined) this.#turns.set(turnKey, eventId)
  }
}
