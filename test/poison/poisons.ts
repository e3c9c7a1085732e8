/**
 * Damaged records by name: what nobody should send, for any topic with keys, made from a good record of it. Each
 * says for which reason it must be set aside.
 */
import type { Codec } from '../../src/codec/codec.ts'
import type { Topic } from '../../src/codec/topic-types.ts'
import type { AppendedBytes } from '../../src/cli/compose/embedded-platform.ts'
import type { Rejection } from '../../src/engine/record.ts'
import { partitionOf } from '../../src/log/murmur2.ts'

/** One topic as poisons see it. */
export interface Victim {
  readonly topic: Topic
  readonly partitions: number
  readonly codec: Codec
  /** A good value of the account with the change made after it was checked. */
  encode(account: string, change: object): Buffer
  /** Names of an id, of a bounded fraction, of a whole number from nought on, and of the platform's time; null for none. */
  readonly id: string
  readonly fraction: string | null
  readonly whole: string | null
  readonly time: string | null
  /** Whether a record without a value says something: that what its key names is gone. */
  readonly tombstones: boolean
  /** Whether a time from the future is refused; facts count whenever they come. */
  readonly refusesFuture: boolean
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

type Change = (victim: Victim) => object | null

function value(name: string, reason: Rejection['reason'], change: Change): Poison {
  return {
    name,
    reason,
    make: (victim, account) => {
      const changed = change(victim)
      return changed === null ? null : { key: Buffer.from(account), value: victim.encode(account, changed) }
    },
  }
}

/** The field set to something, where the topic has such a field. */
function field(name: string | null, value: unknown): object | null {
  return name === null ? null : { [name]: value }
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
    make: ({ tombstones }, account) => (tombstones ? null : { key: Buffer.from(account), value: null }),
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
  bytes('a length of eleven bytes', 'undecodable', (good) =>
    withBody(good, Buffer.from('8080808080808080808001', 'hex'), good.subarray(5)),
  ),
  bytes('a number that does not end', 'undecodable', (good) => withBody(good, Buffer.alloc(60, 0xff))),
  bytes('64 KiB of noise', 'undecodable', (good) => withBody(good, Buffer.alloc(65_536, 0xfe))),
  mutant('invalid UTF-8', /not UTF-8/),
  mutant('a branch that a union does not have', /no such branch/),
  mutant('a symbol that an enum does not have', /no such symbol/),
  mutant('more entries than bytes', /more entries than bytes/),
  value('NaN', 'invalid', ({ fraction }) => field(fraction, Number.NaN)),
  value('infinity', 'invalid', ({ fraction }) => field(fraction, Number.POSITIVE_INFINITY)),
  value('minus infinity', 'invalid', ({ fraction }) => field(fraction, Number.NEGATIVE_INFINITY)),
  value('a negative number', 'invalid', ({ whole }) => field(whole, -1)),
  value('an enormous number', 'invalid', ({ fraction }) => field(fraction, 1e300)),
  value('an id as long as a page', 'invalid', ({ id }) => field(id, 'x'.repeat(2_000))),
  value('an id of 64 KiB', 'invalid', ({ id }) => field(id, 'x'.repeat(65_536))),
  value('an empty id', 'invalid', ({ id }) => field(id, '')),
  value('year 0', 'invalid', ({ time }) => field(time, Date.UTC(0, 0, 1) - 1_900 * 365 * DAY_MS)),
  value('a time before all time', 'invalid', ({ time }) => field(time, -1)),
  value('seconds for milliseconds', 'invalid', ({ time, nowMs }) => field(time, Math.floor(nowMs / 1_000))),
  value('microseconds for milliseconds', 'invalid', ({ time, nowMs }) => field(time, nowMs * 1_000)),
  value('a time after the century', 'invalid', ({ time }) => field(time, 4_102_444_800_001)),
  value('the far future', 'future', ({ time, nowMs, refusesFuture }) =>
    refusesFuture ? field(time, nowMs + DAY_MS) : null,
  ),
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
