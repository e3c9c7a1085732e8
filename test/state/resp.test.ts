import fc from 'fast-check'
import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { encodeCommand, EncodedCommand, encodedBound } from '../../src/state/redis/resp.ts'
import { Scratch } from '../../src/state/redis/scratch.ts'
import type { RedisArgument } from '../../src/state/redis/task-keys.ts'

const word = fc.oneof(
  fc.string(),
  fc.constantFrom('é', '\u0080', '\u07ff', '\ud800'),
  fc.string({ unit: 'binary' }),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.maxSafeInteger(),
  fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
)

/** Both ways to write a command; ours into a buffer that holds as little as it promises to need. */
function written(args: readonly RedisArgument[]): { readonly ours: Buffer; readonly theirs: Buffer } {
  const words = ['EVALSHA', ...args]
  const bytes = encodeCommand(words, Buffer.alloc(encodedBound(words), '?'))
  return {
    ours: new EncodedCommand('EVALSHA', bytes).toWritable(),
    theirs: Buffer.from(new Command('EVALSHA', [...args]).toWritable({})),
  }
}

describe('a command that we encode', () => {
  it('is, byte for byte, what ioredis would send', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (args) => {
        const { ours, theirs } = written(args)
        expect(ours.equals(theirs)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('has room for the widest characters and for values of any length', () => {
    const args = [
      '\uffff'.repeat(5_000),
      '😀'.repeat(1_000),
      Buffer.alloc(200_000, 7),
      Number.MIN_SAFE_INTEGER,
    ]
    const { ours, theirs } = written(args)
    expect(ours.equals(theirs)).toBe(true)
  })
})

describe('scratch buffers', () => {
  it('are lent to one at a time, and again when they are given back', () => {
    const scratch = new Scratch()
    const one = scratch.take(10)
    const other = scratch.take(10)
    expect(other).not.toBe(one)
    scratch.giveBack(one)
    expect(scratch.take(one.length)).toBe(one)
    expect(scratch.take(10)).not.toBe(one)
  })

  it('are large enough, and not kept when they are huge', () => {
    const scratch = new Scratch()
    const small = scratch.take(10)
    scratch.giveBack(small)
    const huge = scratch.take(5_000_000)
    expect(huge.length).toBeGreaterThanOrEqual(5_000_000)
    scratch.giveBack(huge)
    expect(scratch.take(5_000_000)).not.toBe(huge)
  })
})
