/**
 * The yardstick's job at a steady rate, in one or several processes of one group, on the yardstick's broker.
 *
 *   npm run bench -- steady [OPTION...]
 *
 *   --rate N          records a second (5000)
 *   --seconds N       how long (60; with --kill-after as long as that takes)
 *   --minutes N       the same, in minutes
 *   --peer NAME       who does the job: bailiff (the default), kafka-streams (exactly once, RocksDB, commits each 100 ms), or
 *                     kafkajs-memory (the bound: state in memory, no guarantee)
 *   --processes N     workers in one group, 1 to 6 (1)
 *   --accounts N      honest accounts, each of which has state before the rate begins (100000)
 *   --detections N    marker accounts that must be detected each second (5)
 *   --fetch-linger N  milliseconds in which a broker that gave all that it had is not asked again (the product's default; to
 *                     kafkajs-memory, which has no such pause, the broker answers as often)
 *   --kill-after S    kill -9 one of the workers after so many seconds, and watch its partitions move
 *   --backlog         instead of a rate: the yardstick's two million records, as fast as they go
 *   --out FILE        samples of the workers, one JSON object a line (.cache/steady/<time>.jsonl)
 *   --data FOLDER     the yardstick's folder: broker, tools, records (.cache/yardstick)
 *
 * The last line is one JSON object with all figures.
 *
 * How: the load is a process of its own. It first sends one record of every account, then the stream (`steady/stream.ts`:
 * the yardstick's honest traffic as it happens, and marker accounts that must be detected, each from a known record),
 * in batches every 10 to 20 ms, paced by the clock. Topics of the run keep the broker's append times.
 *   Latency    append time of a signal minus append time of the record that it names; all signals of the run.
 *   Cost       user and system CPU of all workers and of Redis; broker and load apart; after three seconds of warm-up.
 *   Lag        append time of the newest record appended minus that of the newest taken up for processing, as both
 *              sides tell it five times a second.
 *   Takeover   `steady/takeover.ts`. Cost has no figure then.
 *   Trends     means of the first and last tenth of the samples; slope per hour by least squares over the second half.
 *   --backlog  from the moment that all processes hold their partitions to the last record's processing, at most a
 *              fifth of a second late, and of each quarter of the records by itself, the last when the processes are warm; the
 *              verifier says whether the 2,144 signals are exact.
 *
 * Ends with 1 where a marker's signal is missing, doubled or of another record, where the load could not keep its rate,
 * or where a backlog's signals are not exact: such a run has no figures. It judges no figure itself.
 *
 * Not measured: production's codec and metrics (as in the yardstick); fields that the job does not read, which are empty
 * here (records are half the yardstick's size); when a reader sees a signal, which is when its transaction ends, some
 * milliseconds after its append; several brokers, replication, a network. On few cores, broker, Redis, load and workers
 * take from each other, and the more so the more processes there are.
 */
import { quietKnownWarnings } from '../src/cli/warnings.ts'
import { runBacklog } from './steady/backlog.ts'
import { readOptions, type SteadyOptions } from './steady/options.ts'
import { runPaced } from './steady/paced.ts'
import { openSite } from './steady/site.ts'

async function main(options: SteadyOptions): Promise<boolean> {
  const { backlog, peer, rate, seconds, processes, accounts, fetchLingerMs } = options
  const site = await openSite(options)
  try {
    const { sound, figures } = await (backlog ? runBacklog : runPaced)(options, site, interruption())
    const asked = backlog ? { mode: 'backlog' } : { mode: 'steady', rate, seconds, accounts }
    console.log(JSON.stringify({ peer, ...asked, processes, fetchLingerMs, sound, ...figures }))
    return sound
  } finally {
    await site.leave()
  }
}

/** Rejects when the run is to end before its time; what it has started is still stopped then. */
function interruption(): Promise<never> {
  const interrupted = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.reject(new Error(`ended by ${signal}`)))
  }
  return interrupted.promise
}

quietKnownWarnings()
try {
  process.exitCode = (await main(readOptions(process.argv.slice(2)))) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
