/**
 * The yardstick's job in our engine, one process, six tasks: Kafka in, state in Redis, exactly-once out, a
 * checkpoint every 100 ms. Prints `FIRST <ms>` at the first record and `DONE <ms> records <n> ...` when the last
 * one's commit and signals stand, which is how the peers are measured.
 *
 *   node bench/yardstick/job.ts NAME BROKER REDIS_URL [--repeats]
 *
 * `--repeats` also notes recent event ids per account, as `usage` does in production.
 */
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import { noProbe } from '../../src/engine/probe.ts'
import { RECORDS } from '../yardstick-stream.ts'
import { openJob } from './open-job.ts'

/** Counts the run and knows when it is over. */
class Progress {
  readonly finished = Promise.withResolvers<undefined>()
  late = 0
  signals = 0
  commits = 0
  cells = 0
  cellBytes = 0
  #records = 0
  #begun = false

  first(): void {
    if (this.#begun) return
    this.#begun = true
    console.log('FIRST', Date.now())
  }

  observer(): Observer {
    return {
      ...silentObserver,
      processed: (_topic, records) => this.#count(records),
      late: () => {
        this.late++
        this.#count(1)
      },
      rejected: (record, { detail }) => {
        throw new Error(`offset ${record.offset} of partition ${record.partition}: ${detail}`)
      },
      committed: (cells, bytes) => {
        this.commits++
        this.cells += cells
        this.cellBytes += bytes
      },
      stalled: (partition, service, reason) => console.error('stalled', partition, service, reason),
    }
  }

  #count(records: number): void {
    this.#records += records
    if (this.#records === RECORDS) this.finished.resolve(undefined)
  }

  tell(): void {
    const { late, signals, commits, cells, cellBytes } = this
    const figures = { records: this.#records, late, signals, commits, cells, cellBytes }
    console.log('DONE', Date.now(), ...Object.entries(figures).flat())
  }
}

async function main(name: string, broker: string, redisUrl: string, dropRepeats: boolean): Promise<void> {
  const progress = new Progress()
  const { runner, stop } = await openJob({
    name,
    broker,
    redisUrl,
    dropRepeats,
    marks: { taken: () => progress.first(), signal: () => void progress.signals++ },
    observer: progress.observer(),
    probe: noProbe,
  })
  await runner.start()
  await runner.run(progress.finished.promise)
  await runner.flush()
  progress.tell()
  await stop()
}

const [name = 'yardstick', broker = '127.0.0.1:19192', redisUrl = 'redis://127.0.0.1:16398'] =
  process.argv.slice(2)
await main(name, broker, redisUrl, process.argv.includes('--repeats'))
