/**
 * Buffers to encode commands into, used again and again: fresh memory for each large commit costs more than filling
 * it.
 *
 * A buffer is given back only when nothing can read it any more: after the reply to the command that it held. One
 * whose command failed or timed out may still wait to be sent; it is never given back.
 */
export class Scratch {
  readonly #free: Buffer[] = []

  /** A buffer of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    const found = this.#free.findIndex((buffer) => buffer.length >= bytes)
    const [buffer] = found < 0 ? [] : this.#free.splice(found, 1)
    return buffer ?? Buffer.allocUnsafeSlow(Math.max(bytes, SMALLEST_BYTES))
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length <= LARGEST_BYTES && this.#free.length < MOST) this.#free.push(buffer)
  }
}

const SMALLEST_BYTES = 256 * 1024
/** Larger ones are rare: they go with their commit. */
const LARGEST_BYTES = 2 * 1024 * 1024
const MOST = 8
