/**
 * The yardstick's two million records by several processes at once: from the moment that all hold their partitions, and
 * of each quarter by itself. Each process compiles the same code once, whatever share of the records it has: in a run
 * this short that is a good part of what several cost more than one, and shows as quarters that become cheaper.
 */
import { highWaterMiB } from '../proc.ts'
import { RECORDS } from '../yardstick-stream.ts'
import { isExact, readVerdict } from '../yardstick/figures.ts'
import { CostMeter, type CostFigures, type Parties } from './cost.ts'
import { Fleet } from './fleet.ts'
import type { SteadyOptions } from './options.ts'
import type { Site, Run } from './site.ts'

const JOIN_MS = 120_000
const RUN_MS = 900_000
const QUARTERS = 4

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
  const quarters: CostFigures[] = []
  for (let quarter = 1; quarter <= QUARTERS; quarter++)
    quarters.push(await measureQuarter(quarter, fleet, parties))
  const cost = meter.figures(fleet.records)
  const recordsPerSecond = Math.round(RECORDS / cost.seconds)
  return { recordsPerSecond, cost, quarters, peakRssMiB: workers.map((pid) => highWaterMiB(pid)) }
}

/** From what has been processed now to that quarter's end; the last one ends with the last record. */
async function measureQuarter(quarter: number, fleet: Fleet, parties: Parties): Promise<CostFigures> {
  const meter = new CostMeter(parties, fleet.records)
  const end = (RECORDS * quarter) / QUARTERS
  await fleet.until(`${end} records are processed`, RUN_MS, () => fleet.records >= end)
  return meter.figures(fleet.records)
}
