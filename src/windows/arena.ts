/**
 * Numbers of very many keys side by side in a few large buffers. A million small states are then a few hundred
 * objects to the garbage collector, and what one key reads lies in neighbouring cache lines.
 *
 * A1. An address is the index of a block's first 32-bit word. It is even, and never 0: 0 stands for none, and odd
 *     numbers are free for other meanings.
 * A2. A block lies in one page, so that whoever has its address reads all of it from one array. Doubles lie at
 *     even words.
 * A3. A block comes zeroed, and goes back with the size that it was asked for with.
 *
 * Free blocks are kept by size, one list a size class (segregated free lists; Paul R. Wilson et al., "Dynamic
 * Storage Allocation: A Survey and Critical Review", 1995).
 */
/** 4 MiB: so large a buffer is mapped by itself, takes memory only where it was written to, and goes back whole. */
const PAGE_BITS = 20
const PAGE_WORDS = 1 << PAGE_BITS
const OFFSET_MASK = PAGE_WORDS - 1
const MAX_BLOCK_WORDS = 1 << 16
/** Up to this many words a size class is every even number; past it, eight classes to each doubling. */
const SMALL_WORDS = 64

const NO_WORDS = new Int32Array(0)
const NO_DOUBLES = new Float64Array(0)

/** Where in its page an address lies. */
export function offsetIn(address: number): number {
  return address & OFFSET_MASK
}

export class Arena {
  readonly #words: Int32Array[] = []
  readonly #doubles: Float64Array[] = []
  /** By size in words: the first free block of that size, or 0; each holds the address of the next. */
  readonly #free = new Int32Array(MAX_BLOCK_WORDS + 1)
  #next = PAGE_WORDS
  #end = PAGE_WORDS
  /** Words of all blocks that are taken. */
  #usedWords = 0

  get usedBytes(): number {
    return this.#usedWords * 4
  }

  /** The page of an address as words, to be read at `offsetIn` and on. */
  words(address: number): Int32Array {
    return this.#words[(address >>> PAGE_BITS) - 1] ?? NO_WORDS
  }

  /** The same page as doubles, to be read at half of `offsetIn` and on. */
  doubles(address: number): Float64Array {
    return this.#doubles[(address >>> PAGE_BITS) - 1] ?? NO_DOUBLES
  }

  /** A zeroed block of at least so many words; RangeError past `MAX_BLOCK_WORDS`. */
  allocate(words: number): number {
    const size = sizeClass(words)
    if (size > MAX_BLOCK_WORDS) throw new RangeError(`a block of ${size} words is too large for an arena`)
    this.#usedWords += size
    const known = this.#free[size] ?? 0
    if (known === 0) return this.#carve(size)
    const page = this.words(known)
    const at = offsetIn(known)
    this.#free[size] = page[at] ?? 0
    page[at] = 0
    return known
  }

  /** Gives a block back that was asked for with the same number of words. */
  free(address: number, words: number): void {
    const size = sizeClass(words)
    this.#usedWords -= size
    const page = this.words(address)
    const at = offsetIn(address)
    page.fill(0, at, at + size)
    page[at] = this.#free[size] ?? 0
    this.#free[size] = address
  }

  #carve(size: number): number {
    if (this.#next + size > this.#end) this.#addPage()
    const address = this.#next
    this.#next += size
    return address
  }

  #addPage(): void {
    const buffer = new ArrayBuffer(PAGE_WORDS * 4)
    this.#words.push(new Int32Array(buffer))
    this.#doubles.push(new Float64Array(buffer))
    this.#next = this.#words.length * PAGE_WORDS
    this.#end = this.#next + PAGE_WORDS
  }
}

function sizeClass(words: number): number {
  if (words <= SMALL_WORDS) return (words + 1) & ~1
  const step = 1 << (28 - Math.clz32(words - 1))
  return Math.ceil(words / step) * step
}
