/**
 * Commands of thousands of arguments, written into one buffer. ioredis makes several strings and buffers of each
 * argument and measures each twice: for a commit of 1,000 small cells that is half of the client's CPU.
 */
import { Command } from 'ioredis'
import { unitAt } from '../../domain/unit-at.ts'
import type { RedisArgument } from './task-keys.ts'

/** A command whose bytes are ours; queues, deadlines and replies are ioredis'. Replies come as buffers. */
export class EncodedCommand extends Command {
  readonly #bytes: Buffer

  constructor(name: string, bytes: Buffer) {
    super(name, [], { replyEncoding: null })
    this.#bytes = bytes
  }

  override toWritable(): Buffer {
    return this.#bytes
  }
}

/** The most bytes that the words can take. */
export function encodedBound(words: readonly RedisArgument[]): number {
  let bound = FRAME_BYTES
  for (const word of words) bound += FRAME_BYTES + longest(word)
  return bound
}

/** The words of a command as Redis reads them, an array of bulk strings, at the beginning of `into`. */
export function encodeCommand(words: readonly RedisArgument[], into: Buffer): Buffer {
  const writer = new Writer(into)
  writer.head(ARRAY, words.length)
  for (const word of words) {
    if (typeof word === 'string') writer.text(word)
    else if (typeof word === 'number') writer.text(String(word))
    else writer.bytes(word)
  }
  return writer.written()
}

/** A type, up to sixteen digits, two line ends. */
const FRAME_BYTES = 21
const NUMBER_BYTES = 24
/** A UTF-16 unit becomes three bytes at most. */
const UNIT_BYTES = 3
const ARRAY = 0x2a
const BULK = 0x24
const ZERO = 0x30
const CR = 0x0d
const LF = 0x0a

function longest(word: RedisArgument): number {
  if (typeof word === 'string') return word.length * UNIT_BYTES
  return typeof word === 'number' ? NUMBER_BYTES : word.length
}

class Writer {
  readonly #bytes: Buffer
  #at = 0

  constructor(into: Buffer) {
    this.#bytes = into
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  head(type: number, count: number): void {
    this.#bytes[this.#at++] = type
    this.#digits(count)
    this.#end()
  }

  /** Most words are short and plain ASCII: faster in a loop than through any call that encodes. */
  text(text: string): void {
    const from = this.#at
    const { length } = text
    this.head(BULK, length)
    let at = this.#at
    for (let index = 0; index < length; index++) {
      const unit = unitAt(text, index)
      if (unit > 0x7f) {
        this.#at = from
        return this.bytes(Buffer.from(text))
      }
      this.#bytes[at++] = unit
    }
    this.#at = at
    this.#end()
  }

  bytes(bytes: Buffer): void {
    this.head(BULK, bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
    this.#end()
  }

  #digits(count: number): void {
    if (count >= 10) this.#digits(Math.floor(count / 10))
    this.#bytes[this.#at++] = ZERO + (count % 10)
  }

  #end(): void {
    this.#bytes[this.#at++] = CR
    this.#bytes[this.#at++] = LF
  }
}
