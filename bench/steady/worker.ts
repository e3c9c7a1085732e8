/**
 * One process of the job. It joins and acquires at once, and processes nothing before the order `go`, so that all
 * have their partitions when the first record is processed. Its plan (`jobPlace`) is its argument.
 */
import { quietKnownWarnings } from '../../src/cli/warnings.ts'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import type { Probe } from '../../src/engine/probe.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { openJob } from '../yardstick/open-job.ts'
import { jobPlace, TICK_MS, type JobPlace, type WorkerMessage } from './messages.ts'
import { Parent } from './parent.ts'

class Witness {
  readonly #parent: Parent<WorkerMessage>
  readonly #responses: string
  readonly #taken = new Map<number, number>()
  /** Acquired, and nothing taken up since. */
  readonly #resting = new Set<number>()
  #records = 0
  #late = 0

  constructor(parent: Parent<WorkerMessage>, responses: string) {
    this.#parent = parent
    this.#responses = responses
  }

  taken(records: readonly SourceRecord[]): void {
    const last = records.at(-1)
    if (last === undefined || last.topic !== this.#responses) return
    const { partition, appendTimeMs } = last
    this.#taken.set(partition, appendTimeMs)
    if (this.#resting.delete(partition)) this.#parent.tell({ kind: 'moves', partition, atMs: Date.now() })
  }

  tick(): void {
    this.#parent.tell({
      kind: 'progress',
      records: this.#records,
      late: this.#late,
      taken: [...this.#taken],
    })
  }

  observer(): Observer {
    return {
      ...silentObserver,
      processed: (_topic, records) => void (this.#records += records),
      late: () => {
        this.#late++
        this.#records++
      },
      rejected: (record, { detail }) => {
        throw new Error(`offset ${record.offset} of partition ${record.partition}: ${detail}`)
      },
      acquired: (partition, found, tookMs) => {
        this.#resting.add(partition)
        this.#parent.tell({ kind: 'acquired', partition, atMs: Date.now(), found, tookMs })
      },
      released: (partition) => {
        this.#taken.delete(partition)
        this.#parent.tell({ kind: 'released', partition })
      },
      stalled: (partition, service, reason) => {
        if (service !== null) console.error('stalled', partition, service, reason)
      },
    }
  }

  /** The group's notes are asked for as soon as a partition has been assigned. */
  probe(): Probe {
    return {
      reach: (point, side) => {
        if (point === 'group.notes' && side === 'before') {
          this.#parent.tell({ kind: 'assigned', atMs: Date.now() })
        }
      },
    }
  }
}

async function main({ name, broker, redisUrl, topics, fetchLingerMs }: JobPlace): Promise<void> {
  const parent = new Parent<WorkerMessage>()
  const witness = new Witness(parent, topics.responses)
  const { runner, stop } = await openJob({
    name,
    broker,
    redisUrl,
    topics,
    fetchLingerMs: fetchLingerMs ?? defaultKafkaLogOptions.fetchLingerMs,
    dropRepeats: false,
    marks: { taken: (records) => witness.taken(records), signal: () => undefined },
    observer: witness.observer(),
    probe: witness.probe(),
  })
  await runner.start()
  const ticking = setInterval(() => witness.tick(), TICK_MS)
  await Promise.race([parent.ordered('go'), parent.ordered('stop')])
  await runner.run(parent.ordered('stop'))
  clearInterval(ticking)
  await runner.flush()
  await stop()
  parent.leave()
}

quietKnownWarnings()
await main(jobPlace.parse(JSON.parse(process.argv[2] ?? '')))
