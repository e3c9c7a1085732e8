/** A steady rate by the clock: what is due counts from the start, so that a late turn is made good and nothing drifts. */
export class Pace {
  readonly #rate: number
  readonly #startMs: number

  constructor(rate: number, startMs: number) {
    this.#rate = rate
    this.#startMs = startMs
  }

  /** How many records must have been sent by now. */
  due(nowMs: number): number {
    return Math.max(0, Math.floor(((nowMs - this.#startMs) * this.#rate) / 1_000))
  }

  /** How long ago the next record was due, after so many sent. Zero where it is not due yet. */
  lateMs(sent: number, nowMs: number): number {
    return Math.max(0, nowMs - this.#startMs - ((sent + 1) * 1_000) / this.#rate)
  }
}
