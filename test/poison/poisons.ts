/**
 * Damaged records by name: what nobody should send, for any topic with keys, made from a good record of it. Each
 * says for which reason it must be set aside.
 */
import type { Codec } from '../../src/codec/codec.ts'
import type { AppendedBytes } from '../../src/cli/compose/embedded-platform.ts'
import type { Rejection } from '../../src/engine/record.ts'
import { partitionOf } from '../../src/log/murmur2.ts'

export type PoisonedTopic = 'inference.responses.v1' | 'inference.usage.v1' | 'abuse.signals.v1'

/** One topic as poisons see it. */
export interface Victim {
  readonly topic: PoisonedTopic
  readonly partitions: number
  readonly codec: Codec
  /** A good value of the account with the change made after it was checked. */
  encode(account: string, change: object): Buffer
  /** Names of a field with a fraction, of one with a whole number, and of the time of the event. */
  readonly fraction: string
  readonly whole: string
  readonly time: string
  /** A value of another topic in wire format. */
  readonly stranger: Buffer
  readonly nowMs: number
}

export interface Poison {
  readonly name: string
  readonly reason: Rejection['reason']
  /** Null where the topic's schema has nothing that could be damaged in this way. */
  make(victim: Victim, account: string): AppendedBytes | null
}

type Bytes = (good: Buffer, victim: Victim) => Buffer | null

function bytes(name: string, reason: Rejection['reason'], damage: Bytes): Poison {
  return {
    name,
    reason,
    make: (victim, account) => {
      const value = damage(victim.encode(account, {}), victim)
      return value === null ? null : { key: Buffer.from(account), value }
    },
  }
}

function value(name: string, reason: Rejection['reason'], change: (victim: Victim) => object): Poison {
  return {
    name,
    reason,
    make: (victim, account) => ({ key: Buffer.from(account), value: victim.encode(account, change(victim)) }),
  }
}

/** A key that is not the value's own, in the partition where it belongs. */
function key(name: string, made: (account: string) => Buffer): Poison {
  return {
    name,
    reason: 'keyMismatch',
    make: (victim, account) => ({ key: made(account), value: victim.encode(account, {}) }),
  }
}

/** The first change of one byte of the body that the codec tells in these words. */
function mutant(name: string, told: RegExp): Poison {
  return bytes(name, 'undecodable', (good, { codec, topic }) => {
    for (let at = 5; at < good.length; at++) {
      for (const byte of [0x07, 0x0f, 0x7f, 0x80, 0xff, 0x03, 0x3f]) {
        const changed = Buffer.from(good)
        changed[at] = byte
        const decoded = codec.decode(topic, { value: changed })
        if (!decoded.ok && told.test(decoded.rejection.detail)) return changed
      }
    }
    return null
  })
}

const withBody = (good: Buffer, ...body: readonly Buffer[]): Buffer =>
  Buffer.concat([good.subarray(0, 5), ...body])

function withId(good: Buffer, id: number): Buffer {
  const changed = Buffer.from(good)
  changed.writeInt32BE(id, 1)
  return changed
}

/** Zigzag of a length that no record has, and of one below nought. */
const TWO_BILLION = Buffer.from([0x80, 0xd0, 0xac, 0xf3, 0x0e])
const MINUS_FIVE = Buffer.from([0x09])

const DAY_MS = 24 * 3_600_000

export const POISONS: readonly Poison[] = [
  {
    name: 'a null value',
    reason: 'nullValue',
    make: (_victim, account) => ({ key: Buffer.from(account), value: null }),
  },
  bytes('an empty value', 'notWireFormat', () => Buffer.alloc(0)),
  bytes('four noughts', 'notWireFormat', () => Buffer.alloc(4)),
  bytes('JSON', 'notWireFormat', () => Buffer.from('{"eventId":"e"}')),
  bytes('JSON nested ten thousand deep', 'notWireFormat', () => Buffer.from('['.repeat(10_000))),
  bytes('another magic byte', 'notWireFormat', (good) => Buffer.concat([Buffer.from([1]), good.subarray(1)])),
  bytes('random bytes', 'notWireFormat', () => Buffer.from('9fd1c35e8812f7aa04b6', 'hex')),
  bytes('a negative schema id', 'notWireFormat', (good) => withId(good, -2)),
  bytes('an unknown schema id', 'unknownSchema', (good) => withId(good, 4_711)),
  bytes("another topic's schema id", 'undecodable', (good, { stranger }) =>
    withId(good, stranger.readInt32BE(1)),
  ),
  bytes("another topic's record", 'undecodable', (_good, { stranger }) => stranger),
  bytes('a header without a body', 'undecodable', (good) => good.subarray(0, 5)),
  bytes('one byte too few', 'undecodable', (good) => good.subarray(0, -1)),
  bytes('half a record', 'undecodable', (good) => good.subarray(0, good.length >> 1)),
  bytes('one byte too many', 'undecodable', (good) => Buffer.concat([good, Buffer.from([0])])),
  bytes('the record twice', 'undecodable', (good) => Buffer.concat([good, good])),
  bytes('a text of two billion bytes', 'undecodable', (good) =>
    withBody(good, TWO_BILLION, Buffer.from('x')),
  ),
  bytes('a text of negative length', 'undecodable', (good) => withBody(good, MINUS_FIVE, Buffer.alloc(60))),
  bytes('a number that does not end', 'undecodable', (good) => withBody(good, Buffer.alloc(60, 0xff))),
  bytes('64 KiB of noise', 'undecodable', (good) => withBody(good, Buffer.alloc(65_536, 0xfe))),
  mutant('invalid UTF-8', /not UTF-8/),
  mutant('a branch that a union does not have', /no such branch/),
  mutant('a symbol that an enum does not have', /no such symbol/),
  mutant('more entries than bytes', /more entries than bytes/),
  value('NaN', 'invalid', (victim) => ({ [victim.fraction]: Number.NaN })),
  value('infinity', 'invalid', (victim) => ({ [victim.fraction]: Number.POSITIVE_INFINITY })),
  value('minus infinity', 'invalid', (victim) => ({ [victim.fraction]: Number.NEGATIVE_INFINITY })),
  value('a negative number', 'invalid', (victim) => ({ [victim.whole]: -1 })),
  value('an enormous number', 'invalid', (victim) => ({ [victim.fraction]: 1e300 })),
  value('an id as long as a page', 'invalid', () => ({
    requestId: 'x'.repeat(2_000),
    id: 'x'.repeat(2_000),
  })),
  value('year 0', 'invalid', (victim) => ({ [victim.time]: Date.UTC(0, 0, 1) - 1_900 * 365 * DAY_MS })),
  value('seconds for milliseconds', 'invalid', (victim) => ({
    [victim.time]: Math.floor(victim.nowMs / 1_000),
  })),
  value('a time after the century', 'invalid', (victim) => ({ [victim.time]: 4_102_444_800_001 })),
  value('the far future', 'future', (victim) => ({ [victim.time]: victim.nowMs + DAY_MS })),
  key("another account's key", (account) => Buffer.from(`${account}-other`)),
  key('an empty key', () => Buffer.alloc(0)),
  key('a key of 64 KiB', (account) => Buffer.from(account.padEnd(65_536, 'x'))),
  key('a key that is not UTF-8', () => Buffer.from([0xff, 0xfe, 0x00, 0x80])),
  {
    name: 'a null key',
    reason: 'nullKey',
    make: (victim, account) => ({ key: null, value: victim.encode(account, {}) }),
  },
  {
    name: 'the wrong partition',
    reason: 'wrongPartition',
    make: (victim, account) => {
      const home = partitionOf(Buffer.from(account), victim.partitions)
      const partition = (home + 1) % victim.partitions
      return { key: Buffer.from(account), value: victim.encode(account, {}), partition }
    },
  },
]
