/**
 * The yardstick's two million records by several processes at once: from the moment that all hold their partitions, and
 * of the second half by itself. Each process compiles the same code once, whatever share of the records it has: in a run
 * this short that is a good part of what several cost more than one.
 */
import { highWaterMiB } from '../proc.ts'
import { RECORDS } from '../yardstick-stream.ts'
import { isExact, readVerdict } from '../yardstick/figures.ts'
import { CostMeter } from './cost.ts'
import { Fleet } from './fleet.ts'
import type { SteadyOptions } from './options.ts'
import type { Site, Run } from './site.ts'

const JOIN_MS = 120_000
const RUN_MS = 900_000

export async function runBacklog(
  { processes }: SteadyOptions,
  site: Site,
  interrupted: Promise<never>,
): Promise<Run> {
  const fleet = new Fleet(processes, site.place)
  let figures: object
  try {
    figures = await Promise.race([measure(fleet, site), interrupted])
  } finally {
    await fleet.stop()
  }
  const signals = readVerdict(site.yard.verify())
  return { sound: isExact(signals), figures: { ...figures, signals } }
}

async function measure(fleet: Fleet, site: Site): Promise<object> {
  console.error('workers join')
  await fleet.until('all partitions are held', JOIN_MS, () => fleet.settled)
  console.error(`${RECORDS} records`)
  const workers = fleet.workers.map(({ child }) => child.pid)
  const parties = { workers, redis: site.redisPid, broker: site.brokerPid, load: null }
  const meter = new CostMeter(parties, 0)
  fleet.order('go')
  await fleet.until('half of all records are processed', RUN_MS, () => fleet.records >= RECORDS / 2)
  const warmMeter = new CostMeter(parties, fleet.records)
  await fleet.until('all records are processed', RUN_MS, () => fleet.records === RECORDS)
  const cost = meter.figures(fleet.records)
  const secondHalf = warmMeter.figures(fleet.records)
  const recordsPerSecond = Math.round(RECORDS / cost.seconds)
  return { recordsPerSecond, cost, secondHalf, peakRssMiB: workers.map((pid) => highWaterMiB(pid)) }
}
