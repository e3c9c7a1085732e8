/** The process of one seed; started by `main.ts`, to which it tells its days and its outcome. */
import type { SeedMessage, SeedTask } from './outcome.ts'
import { runSeed } from './run-seed.ts'

function tell(message: SeedMessage): void {
  process.send?.(message)
}

function numberOf(name: string): number {
  const at = process.argv.indexOf(name)
  return Number(process.argv[at + 1])
}

const task: SeedTask = {
  seed: numberOf('--seed'),
  days: numberOf('--days'),
  accounts: numberOf('--accounts'),
  requestsPerDay: numberOf('--requests-per-day'),
}
const { seed } = task
try {
  const outcome = await runSeed(task, (day, requests) => tell({ kind: 'day', seed, day, requests }))
  tell({ kind: 'outcome', outcome })
} catch (error) {
  tell({
    kind: 'failed',
    seed,
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  process.exitCode = 1
}
process.disconnect()
