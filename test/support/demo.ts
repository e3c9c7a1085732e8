/**
 * The demo by the command that a newcomer runs, in a process of its own: the test runner's rewritten code takes half
 * as long again, and two and a half times as long while coverage is taken.
 */
import { bailiff } from './bailiff-process.ts'

/** What the demo tells at its end, and how much it says to have run through. */
export interface DemoEnd {
  readonly table: string
  readonly accounts: number
  readonly events: number
}

/**
 * One hour of the demo's platform under the seed. Throws what it said where it did not end well. `signal`: of the
 * test, so that a demo ends with the test that waits for it.
 */
export async function demoOf(seed: number, signal: AbortSignal): Promise<DemoEnd> {
  const { exitCode, stdout, stderr } = await bailiff(['demo', '--seed', String(seed)], {}, '', signal)
  if (exitCode !== 0) throw new Error(`the demo ended with ${exitCode}: ${stderr}`)
  return {
    table: stdout,
    accounts: numberBefore(' accounts, ', stderr),
    events: numberBefore(' events in ', stdout),
  }
}

/** NaN, which passes no bound, where the text is not there. */
function numberBefore(text: string, output: string): number {
  return Number(new RegExp(`(\\d+)${text}`).exec(output)?.[1])
}
