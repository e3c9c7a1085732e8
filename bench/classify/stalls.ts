/** How long the event loop of `classify` stands still: CPU time between two looks, so that others' work does not count. */
import { threadCpuUsage } from 'node:process'
import type { SourceRecord } from '../../src/engine/record.ts'
import { rounded } from '../statistics.ts'
import { recordOf, type Pipeline } from './pipeline.ts'
import { requestOf } from './texts.ts'

/** Looks a millisecond apart at least. `end` tells the most CPU milliseconds that this thread took between two. */
export function watchStalls(): { end(): number } {
  let longest = 0
  let before = threadCpuUsage()
  const look = (): void => {
    const { user, system } = threadCpuUsage(before)
    before = threadCpuUsage()
    longest = Math.max(longest, user + system)
  }
  const timer = setInterval(look, 1)
  return {
    end: () => {
      clearInterval(timer)
      // What was done last is looked at too.
      look()
      return rounded(longest / 1000)
    },
  }
}

const SENTENCE = 'the boat left the harbour in the morning, and nobody saw item 4711 on board again. '
const ADDRESSES = 'https://www.shop.example/item/17 and http://other.example:80/x, '
const CYRILLIC = 'лодка вышла из гавани утром, и никто ее больше не видел. '

function filled(units: number, piece: string): string {
  return piece.repeat(Math.ceil(units / piece.length)).slice(0, units)
}

/** `count` parts of one event, each another text. */
function parts(count: number, units: number, piece = SENTENCE): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${at} ${filled(units, piece)}`)
}

/** Events by their parts: what a broker lets through, and ten times of it. */
const LARGE: Readonly<Record<string, () => readonly (readonly string[])[]>> = {
  '256 events of 60 KB': () => parts(256, 60_000).map((text) => [text]),
  '1 MB in one part': () => [parts(1, 1_000_000)],
  '1 MB of addresses': () => [parts(1, 1_000_000, ADDRESSES)],
  '1 MB of Cyrillic': () => [parts(1, 500_000, CYRILLIC)],
  '1 MB in 2,000 parts': () => [parts(2_000, 500)],
  '1 MB in 50,000 parts': () => [parts(50_000, 15)],
  '1 MB in 100,000 parts': () => [parts(100_000, 10)],
  '10 MB in 2,000 parts': () => [parts(2_000, 5_000)],
  '10 MB in one part': () => [parts(1, 10_000_000)],
  '10 MB of addresses': () => [parts(1, 10_000_000, ADDRESSES)],
  '10 MB of Cyrillic': () => [parts(1, 5_000_000, CYRILLIC)],
  '10 MB in one line': () => [parts(1, 10_000_000, 'harbour.')],
  '256 events of 250 parts': () =>
    Array.from({ length: 256 }, (_, event) => parts(250, 20).map((text) => `${event} ${text}`)),
}

/** The longest of each, in milliseconds; the first texts are new, then all are known. `from` numbers the events. */
export async function stallsOfLarge(
  { codec, stage }: Pipeline,
  from: number,
): Promise<Readonly<Record<string, number>>> {
  const longest: Record<string, number> = {}
  let at = from
  for (const [name, events] of Object.entries(LARGE)) {
    const records: SourceRecord[] = events().map((texts) => recordOf(codec, requestOf(texts, at), at++))
    const stalls = watchStalls()
    await stage.transform(records)
    await stage.transform(records)
    longest[name] = stalls.end()
  }
  return longest
}
