/**
 * What a person, or whoever supervises the process, means by SIGINT and SIGTERM: the first signal asks for an orderly end, one more
 * forces it.
 *
 * I1. An echo is no second signal. Ctrl-C reaches every process of the terminal's group: this one, and whoever started
 *     it and passes it on (npm, or the launcher on an older Node).
 */
import type { Clock } from '../domain/clock.ts'

/** Nobody who means to force an end presses twice within so short a time. */
const ECHO_MS = 500

export class Interrupts {
  readonly #clock: Clock
  #firstMs: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What a signal asks for that comes now. */
  hear(): 'drain' | 'nothing' | 'end' {
    const nowMs = this.#clock.now()
    if (this.#firstMs !== null) return nowMs - this.#firstMs < ECHO_MS ? 'nothing' : 'end'
    this.#firstMs = nowMs
    return 'drain'
  }
}
