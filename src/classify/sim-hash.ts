/**
 * SimHash over neighbouring words: texts that differ in a few words differ in a few of 64 bits. The seeds come from
 * the hash key, so that nobody without it can compute a text's hash.
 */
import { unitAt } from '../domain/unit-at.ts'

/** Two secret starting values. */
export type SimHashSeeds = readonly [number, number]

const LEAST_WORDS = 3
const SPACE = 32
const ONE_A_BYTE = 0x01010101
const MOST_IN_A_BYTE = 255
/** A longer text is known by its beginning; time is bounded. */
const MOST_UNITS = 32_000

/** 64 bits as lower-case hex; null for a text too short to resemble another. */
export function simHash64(text: string, seeds: SimHashSeeds): string | null {
  const words =
    text
      .slice(0, MOST_UNITS)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length < LEAST_WORDS) return null
  const votes = new Votes()
  for (let i = 0; i + 1 < words.length; i++) {
    const [word = '', next = ''] = [words[i], words[i + 1]]
    votes.add(mixed(word, next, seeds[0]), mixed(word, next, seeds[1]))
  }
  return votes.toString()
}

/** FNV-1a of two words and a space between them, from a secret start, then MurmurHash3's last mix. */
function mixed(word: string, next: string, seed: number): number {
  let hash = hashed(next, step(hashed(word, seed | 0), SPACE))
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function hashed(text: string, start: number): number {
  let hash = start
  for (let at = 0; at < text.length; at++) hash = step(hash, unitAt(text, at))
  return hash
}

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193)
}

/** Of each of 64 bits, whether more hashes have it than not. */
class Votes {
  readonly #ones = new Int32Array(64)
  /** Four bits of a hash, eight apart, are counted by one addition: each has a byte for it. */
  readonly #bytes = new Int32Array(16)
  #hashes = 0

  add(low: number, high: number): void {
    const bytes = this.#bytes
    for (let shift = 0; shift < 8; shift++) {
      bytes[shift] = (bytes[shift] ?? 0) + ((low >>> shift) & ONE_A_BYTE)
      bytes[8 + shift] = (bytes[8 + shift] ?? 0) + ((high >>> shift) & ONE_A_BYTE)
    }
    if (++this.#hashes % MOST_IN_A_BYTE === 0) this.#addUp()
  }

  /** 64 bits as lower-case hex. */
  toString(): string {
    this.#addUp()
    return this.#hex(0) + this.#hex(32)
  }

  /** Before a byte overflows. */
  #addUp(): void {
    for (let at = 0; at < 16; at++)
      for (let byte = 0; byte < 4; byte++) {
        const bit = (at >> 3) * 32 + byte * 8 + (at & 7)
        this.#ones[bit] = (this.#ones[bit] ?? 0) + (((this.#bytes[at] ?? 0) >>> (8 * byte)) & MOST_IN_A_BYTE)
      }
    this.#bytes.fill(0)
  }

  #hex(from: number): string {
    let bits = 0
    for (let bit = 0; bit < 32; bit++) if (2 * (this.#ones[from + bit] ?? 0) > this.#hashes) bits |= 1 << bit
    return (bits >>> 0).toString(16).padStart(8, '0')
  }
}
