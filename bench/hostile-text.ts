/**
 * What a megabyte of hostile text costs besides models: milliseconds of CPU, by kind of text. In a scoring process for all of its
 * readings, for what these name (`mentions`) and whether one hides code (`hidden`), and on the event loop of classify for its canonical text, whether that is opaque
 * or code, and its hosts: each is a slice of its own.
 *
 *   npm run bench -- hostile-text [--kind base64] [--turns 7]
 *
 * The least of all turns, because this machine may have others on it. Ends with 1 where a kind takes more than 50 ms in the
 * scoring process, or more than 20 ms on the event loop.
 *
 * Not measured: the models, which see every reading, and the digests.
 */
import { cpuUsage } from 'node:process'
import { parseArgs } from 'node:util'
import { canonicalText } from '../src/classify/canonical-text.ts'
import { readingsOf } from '../src/classify/canonicalise.ts'
import { characterKinds } from '../src/classify/characters.ts'
import { hostsOf } from '../src/classify/hosts.ts'
import { mentionsOf } from '../src/classify/mentions.ts'
import { containsCode, hidesCode, isOpaque } from '../src/classify/text-facts.ts'
import { HOSTILE_TEXTS } from './classify/hostile-texts.ts'
import { rounded } from './statistics.ts'

const MOST_MS = 50
const MOST_LOOP_MS = 20

function cpuMs(work: () => unknown, turns: number): number {
  const costs = Array.from({ length: turns }, () => {
    const before = cpuUsage()
    work()
    const { user, system } = cpuUsage(before)
    return (user + system) / 1000
  })
  return rounded(Math.min(...costs))
}

const { values } = parseArgs({
  options: { kind: { type: 'string', default: '' }, turns: { type: 'string', default: '7' } },
})

function shown(ms: number): string {
  return ms.toFixed(1).padStart(7)
}

function costsOf(text: string, turns: number) {
  const readings = readingsOf(text)
  const canonical = canonicalText(text)
  return {
    readings: cpuMs(() => readingsOf(text), turns),
    mentions: cpuMs(() => mentionsOf(readings), turns),
    hidden: cpuMs(() => hidesCode(readings), turns),
    canonical: cpuMs(() => canonicalText(text), turns),
    opaque: cpuMs(() => isOpaque(canonical), turns),
    code: cpuMs(() => containsCode(canonical), turns),
    hosts: cpuMs(() => hostsOf(canonical), turns),
  }
}

const COLUMNS = ['readings', 'mentions', 'hidden', 'canonical', 'opaque', 'code', 'hosts'] as const
characterKinds().makeTables()
const costs = Object.entries(HOSTILE_TEXTS)
  .filter(([kind]) => kind.includes(values.kind))
  .map(([kind, make]) => {
    const cost = { kind, ...costsOf(make(), Number(values.turns)) }
    const columns = COLUMNS.map((column) => `${column} ${shown(cost[column])}`)
    console.log(`${kind.padEnd(30)} ${columns.join(', ')} ms`)
    return cost
  })
const mostMs = Math.max(...costs.map(({ readings, mentions, hidden }) => readings + mentions + hidden))
const mostLoopMs = Math.max(
  ...costs.flatMap(({ canonical, opaque, code, hosts }) => [canonical, opaque, code, hosts]),
)
console.log(JSON.stringify({ mostMs: rounded(mostMs), mostLoopMs, cpuMs: costs }))
process.exitCode = mostMs > MOST_MS || mostLoopMs > MOST_LOOP_MS ? 1 : 0
