/**
 * The demo by the command that a newcomer runs, in a process of its own: the test runner's rewritten code takes half
 * as long again, and two and a half times as long while coverage is taken.
 */
import { expect } from 'vitest'
import { bailiff } from './bailiff-process.ts'

/** So many seeds are tried, from 1 on: `npm run test:demo` tries twenty. */
const SEEDS = Number(process.env['DEMO_SEEDS'] ?? 6)

/** Every other seed, beginning with the first: the rest run beside them, in a file of their own. */
export function seedsFrom(first: 1 | 2): readonly number[] {
  return Array.from({ length: SEEDS }, (_, at) => at + 1).filter((seed) => seed % 2 === first % 2)
}

/** What the demo tells at its end, and how much it says to have run through. */
interface DemoEnd {
  readonly table: string
  readonly accounts: number
  readonly events: number
}

/**
 * One hour of the demo's platform under the seed. Throws what it said where it did not end well. `signal`: of the
 * test, so that a demo ends with the test that waits for it.
 */
async function demoOf(seed: number, signal: AbortSignal): Promise<DemoEnd> {
  const { exitCode, stdout, stderr } = await bailiff(['demo', '--seed', String(seed)], {}, '', signal)
  if (exitCode !== 0) throw new Error(`the demo ended with ${exitCode}: ${stderr}`)
  return {
    table: stdout,
    accounts: numberBefore(' accounts, ', stderr),
    events: numberBefore(' events in ', stdout),
  }
}

/** Every abuser is found with a reason why, and no honest customer is touched, in an hour that is worth the name. */
export async function expectSoundDemo(seed: number, signal: AbortSignal): Promise<void> {
  const { table, accounts, events } = await demoOf(seed, signal)
  expect(table).toContain('Honest customers touched: none of ')
  expect(table, 'an abuser without a reason why').not.toMatch(/ -$/m)
  expect(events).toBeGreaterThanOrEqual(200_000)
  expect(accounts).toBeGreaterThanOrEqual(2_000)
}

/** NaN, which passes no bound, where the text is not there. */
function numberBefore(text: string, output: string): number {
  return Number(new RegExp(`(\\d+)${text}`).exec(output)?.[1])
}
