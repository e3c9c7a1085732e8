/** The accumulators of panes as tallies of moving windows. What they are when they are exact, and past that, each says itself. */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Distinct } from './distinct.ts'
import { Entropy } from './entropy.ts'
import { Enumeration, MAX_TEMPLATES } from './enumeration.ts'
import { LatestTimes } from './latest-times.ts'
import type { Likeness } from './likeness.ts'
import { NearDistinct } from './near-distinct.ts'
import { Quantile } from './quantile.ts'
import { Regularity } from './regularity.ts'
import type { Following, Gain, Tallying } from './tally.ts'
import { TopShare } from './top-share.ts'

/** One step of a walk. */
export interface Step {
  /** As of `hash31`. */
  readonly template: number
  readonly ordinal: number
}

interface Part<T> {
  readonly bytes: number
  value(): number
  merge(other: T): void
  encode(writer: ByteWriter): void
}

/** What tells one kind of accumulator from the others. */
type Own<I, T> = Pick<
  Tallying<I, T>,
  'open' | 'openWindow' | 'add' | 'error' | 'decode' | 'encodeItem' | 'decodeItem'
> & {
  /** How a window takes items out again; null where it is merged anew for each reading. */
  readonly taking: Omit<Following<I, T>, 'byPane' | 'gain'> | null
}

/** The items are values as of `hash31`. */
export function distinctTallying(exactLimit: number): Tallying<number, Distinct> {
  const tallying = accumulating<number, Distinct>({
    open: () => new Distinct(exactLimit),
    openWindow: () => new Distinct(exactLimit),
    add: (distinct, hash) => (distinct.add(hash) ? 'item' : 'nothing'),
    taking: { take: (window, hash) => window.lose(hash), leave: (window, pane) => window.leave(pane) },
    error: (distinct, left) => {
      const told = distinct.value()
      if (left !== null) distinct.merge(left)
      return Math.max(0, distinct.value() - told) + distinct.error()
    },
    decode: (reader) => Distinct.decode(exactLimit, reader),
    ...AS_WORD,
  })
  const { following } = tallying
  const gain = (window: Distinct, hash: number): void => window.gain(hash)
  return {
    ...tallying,
    // A window counts in how many items and panes it has a value, so that they can be taken out again.
    addPane: (window, hashes) => {
      for (const hash of hashes) window.gain(hash)
    },
    following: following === null ? null : { ...following, gain },
  }
}

/** Its panes keep a text only where they have none that is near. */
export function nearDistinctTallying(exactLimit: number): Tallying<Likeness, NearDistinct> {
  const open = (): NearDistinct => new NearDistinct(exactLimit)
  const tallying = accumulating<Likeness, NearDistinct>({
    open,
    openWindow: open,
    add: (distinct, hash) => (distinct.add(hash) ? 'item' : 'nothing'),
    taking: null,
    error: (distinct, left) => distinct.error() + (left === null ? 0 : left.value() + left.error()),
    decode: (reader) => NearDistinct.decode(exactLimit, reader),
    encodeItem: ({ low, high }, writer) => {
      writer.word(low)
      writer.word(high)
    },
    decodeItem: (reader) => ({ low: reader.word() | 0, high: reader.word() | 0 }),
  })
  return {
    ...tallying,
    addPane: (window, hashes) => {
      const pane = open()
      for (const hash of hashes) pane.add(hash)
      window.merge(pane)
    },
    following: {
      byPane: true,
      gain: (window, hash) => window.gain(hash),
      take: () => false,
      leave: (window, pane) => window.leave(pane),
    },
  }
}

/** The same of sessions, which are panes that grow together. */
export function nearDistinctOfSessions(exactLimit: number): Tallying<Likeness, NearDistinct> {
  return { ...nearDistinctTallying(exactLimit), merge: (into, from) => into.absorb(from) }
}

/** The items are values as of `hash31`. */
export function topShareTallying(exactLimit: number): Tallying<number, TopShare> {
  return accumulating({
    open: () => new TopShare(exactLimit),
    openWindow: () => new TopShare(Infinity),
    add: (share, hash) => gainOf(share.add(hash)),
    taking: takingValues(),
    error: (share, left) => (left === null ? share.error(exactLimit) : share.errorBeside(left, exactLimit)),
    decode: (reader) => TopShare.decode(exactLimit, reader),
    ...AS_WORD,
  })
}

/** The items are values as of `hash31`. */
export function entropyTallying(exactLimit: number): Tallying<number, Entropy> {
  return accumulating({
    open: () => new Entropy(exactLimit),
    openWindow: () => new Entropy(Infinity),
    add: (entropy, hash) => gainOf(entropy.add(hash)),
    taking: takingValues(),
    error: (entropy, left) => (left === null ? entropy.error() : entropy.errorBeside(left)),
    decode: (reader) => Entropy.decode(exactLimit, reader),
    ...AS_WORD,
  })
}

export function quantileTallying(share: number, exactLimit: number): Tallying<number, Quantile> {
  const open = (): Quantile => new Quantile(share, exactLimit)
  return accumulating({
    open,
    openWindow: open,
    add: (quantile, value) => gainOf(quantile.add(value)),
    taking: { take: (window, value) => window.take(value), leave: (window, pane) => window.leave(pane) },
    error: (quantile, left) => (left === null ? quantile.error() : quantile.errorBeside(left)),
    decode: (reader) => Quantile.decode(share, exactLimit, reader),
    encodeItem: (value, writer) => writer.double(value),
    decodeItem: (reader) => reader.double(),
  })
}

export function enumerationTallying(): Tallying<Step, Enumeration> {
  return accumulating({
    open: () => new Enumeration(MAX_TEMPLATES),
    openWindow: () => new Enumeration(Infinity),
    add: (walks, { template, ordinal }) => gainOf(walks.add(template, ordinal)),
    taking: { take: () => false, leave: (window) => window.leave() },
    error: (walks, left) => (left === null ? 0 : mostOff(walks.value())),
    decode: (reader) => Enumeration.decode(MAX_TEMPLATES, reader),
    encodeItem: ({ template, ordinal }, writer) => {
      writer.word(template)
      writer.double(ordinal)
    },
    decodeItem: (reader) => ({ template: reader.word(), ordinal: reader.double() }),
  })
}

/** Of a sliding window; the items are times in epoch ms, of which a pane keeps `maxTimes`. */
export function regularityTallying(paneMs: number, maxTimes: number): Tallying<number, Regularity> {
  return accumulating({
    open: () => new Regularity(paneMs, maxTimes),
    openWindow: () => new Regularity(paneMs, Infinity),
    add: (rhythm, timeMs) => {
      if (rhythm.leavesOut(timeMs)) return 'nothing'
      const { size } = rhythm
      rhythm.add(timeMs)
      return gainOf(rhythm.size <= size)
    },
    taking: {
      take: (window, timeMs) => {
        window.take(timeMs)
        return true
      },
      leave: (window, pane) => window.leave(pane),
    },
    error: (rhythm, left) => (left === null && rhythm.exact ? 0 : mostOff(rhythm.value())),
    decode: (reader) => Regularity.decode(paneMs, reader, maxTimes),
    encodeItem: () => undefined,
    decodeItem: (_reader, timeMs) => timeMs,
  })
}

/** Of a session; the items are times in epoch ms, of which the newest are kept. */
export function regularityOfSessions(most: number): Tallying<number, LatestTimes> {
  const open = (): LatestTimes => new LatestTimes(most)
  return accumulating({
    open,
    openWindow: open,
    add: (latest, timeMs) => {
      latest.add(timeMs)
      return 'anew'
    },
    taking: null,
    error: () => 0,
    decode: (reader) => LatestTimes.decode(most, reader),
    encodeItem: () => undefined,
    decodeItem: (_reader, timeMs) => timeMs,
  })
}

function accumulating<I, T extends Part<T>>({ taking, ...own }: Own<I, T>): Tallying<I, T> {
  return {
    isSmall: false,
    addPane: (window, items) => {
      for (const item of items) own.add(window, item)
    },
    following: taking === null ? null : { byPane: false, gain: own.add, ...taking },
    merge: (into, from) => into.merge(from),
    join: () => false,
    value: (tally) => tally.value(),
    bytes: (tally) => tally.bytes,
    encode: (tally, writer) => tally.encode(writer),
    ...own,
  }
}

const AS_WORD = {
  encodeItem: (hash: number, writer: ByteWriter): void => writer.word(hash),
  decodeItem: (reader: ByteReader): number => reader.word(),
}

/** What counts how often each value came can always give one back. */
interface Counting<T> {
  take(hash: number, times: number): void
  leave(pane: T): boolean
}

function takingValues<T extends Counting<T>>(): Own<number, T>['taking'] {
  return {
    take: (window, hash) => {
      window.take(hash, 1)
      return true
    },
    leave: (window, pane) => window.leave(pane),
  }
}

function gainOf(gaveUp: boolean): Gain {
  return gaveUp ? 'anew' : 'item'
}

/** Of a figure between 0 and 1 of which no better bound is known. */
function mostOff(value: number): number {
  return Math.max(value, 1 - value)
}
