/** Time is an argument everywhere: engine and ladder ask a clock, never the system. Epoch milliseconds, UTC. */
export interface Clock {
  now(): number
}

/** The machine's wall clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until somebody moves it; never goes back. */
export class ManualClock implements Clock {
  #nowMs: number

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  /** Moves to `toMs`, or stays where that is in the past. */
  advanceTo(toMs: number): void {
    if (toMs > this.#nowMs) this.#nowMs = toMs
  }
}
