/**
 * Numbers of entries by a cryptographic hash of theirs. Hashes are strings of bytes, half as long as their hex; a number
 * alone, as nearly all are, takes no list.
 */
export class HashTable {
  readonly #numbers = new Map<string, number | readonly number[]>()

  of(hash: string): readonly number[] {
    const found = this.#numbers.get(hash) ?? []
    return typeof found === 'number' ? [found] : found
  }

  add(hash: string, number: number): void {
    const others = this.of(hash)
    this.#numbers.set(hash, others.length === 0 ? number : [...others, number])
  }

  remove(hash: string, number: number): void {
    const left = this.of(hash).filter((one) => one !== number)
    if (left.length === 0) this.#numbers.delete(hash)
    else this.#numbers.set(hash, left)
  }
}

/** The bytes of a hash that is written as hex; null stays null. */
export function bytesOf(hex: string | null): string | null {
  return hex === null ? null : Buffer.from(hex, 'hex').toString('latin1')
}
