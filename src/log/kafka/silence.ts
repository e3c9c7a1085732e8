/**
 * Tells once when nothing has been heard for longer than was allowed. It counts its looks instead of reading a clock: a
 * process that was stopped has not listened meanwhile, and hears first what there is to hear.
 */
const LOOKS = 10

export class Silence {
  readonly #lookMs: number
  readonly #onSilent: () => void
  #leftMs = Infinity
  #looking: NodeJS.Timeout | undefined

  /** Looks ten times in `shortestMs`, which is what may be allowed at least. */
  constructor(shortestMs: number, onSilent: () => void) {
    this.#lookMs = Math.max(1, Math.floor(shortestMs / LOOKS))
    this.#onSilent = onSilent
  }

  /** The next word may take so long; Infinity where none is expected. */
  allow(ms: number): void {
    this.#leftMs = ms
  }

  start(): void {
    this.#looking = setInterval(() => this.#look(), this.#lookMs)
  }

  stop(): void {
    clearInterval(this.#looking)
  }

  #look(): void {
    this.#leftMs -= this.#lookMs
    if (this.#leftMs >= 0) return
    this.#leftMs = Infinity
    this.#onSilent()
  }
}
