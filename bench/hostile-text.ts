/**
 * What a megabyte of hostile text costs before any model sees it: milliseconds of CPU for all of its readings, by kind of text.
 *
 *   npm run bench -- hostile-text [--kind base64] [--turns 7]
 *
 * The least of all turns, because this machine may have others on it. Ends with 1 where a kind takes more than 50 ms.
 *
 * Not measured: the models, which see every reading, and the word lists, which take what they take for any text.
 */
import { cpuUsage } from 'node:process'
import { parseArgs } from 'node:util'
import { readingsOf } from '../src/classify/canonicalise.ts'
import { HOSTILE_TEXTS } from './classify/hostile-texts.ts'
import { rounded } from './statistics.ts'

const MOST_MS = 50

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
const costs: Record<string, number> = {}
for (const [kind, make] of Object.entries(HOSTILE_TEXTS)) {
  if (!kind.includes(values.kind)) continue
  const text = make()
  const ms = cpuMs(() => readingsOf(text), Number(values.turns))
  costs[kind] = ms
  console.log(
    `${kind.padEnd(30)} ${ms.toFixed(1).padStart(7)} ms of CPU, ${readingsOf(text).length} readings`,
  )
}
console.log(JSON.stringify({ mostMs: Math.max(...Object.values(costs)), cpuMs: costs }))
process.exitCode = Object.values(costs).some((ms) => ms > MOST_MS) ? 1 : 0
