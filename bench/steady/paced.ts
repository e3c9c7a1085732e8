/** One run at a steady rate: state of all accounts first, then the stream for its time, then what it came to. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { highWaterMiB } from '../proc.ts'
import { Child } from './child.ts'
import { CostMeter } from './cost.ts'
import { Fleet } from './fleet.ts'
import { groupOf, loadMessage, type LoadMessage } from './messages.ts'
import type { SteadyOptions } from './options.ts'
import { Sampler } from './sampler.ts'
import type { Run, Site } from './site.ts'
import { killOne, type TakeoverFigures } from './takeover.ts'

const JOIN_MS = 120_000
/** A process is slow at first; CPU and latency count from here on. */
const WARM_UP_MS = 3_000
/** What keeps up sends all that is due. */
const KEPT_UP = 0.99

type Told<K extends LoadMessage['kind']> = Extract<LoadMessage, { readonly kind: K }>

/** The load's process, and what it says once. */
class Load {
  readonly child: Child<LoadMessage>
  readonly preloaded = Promise.withResolvers<Told<'preloaded'>>()
  readonly sent = Promise.withResolvers<Told<'sent'>>()
  readonly figures = Promise.withResolvers<Told<'figures'>>()

  constructor(options: SteadyOptions, site: Site, fleet: Fleet) {
    const { rate, seconds, accounts, detections } = options
    const { broker, topics } = site.place
    const plan = { broker, topics, rate, seconds, accounts, detections, warmUpMs: WARM_UP_MS }
    const file = join(import.meta.dirname, 'load.ts')
    this.child = new Child('load', file, plan, loadMessage, (message) => this.#note(message, fleet))
  }

  #note(message: LoadMessage, fleet: Fleet): void {
    if (message.kind === 'preloaded') this.preloaded.resolve(message)
    if (message.kind === 'tick') fleet.appended(message.appended)
    if (message.kind === 'sent') this.sent.resolve(message)
    if (message.kind === 'figures') this.figures.resolve(message)
  }
}

export async function runPaced(
  options: SteadyOptions,
  site: Site,
  interrupted: Promise<never>,
): Promise<Run> {
  const fleet = new Fleet(options.processes, site.place, options.peer)
  const load = new Load(options, site, fleet)
  const sampler = new Sampler(fleet, site.redisPid, options.out)
  try {
    const run = preload(options, fleet, load).then(() => measure(options, site, { fleet, load, sampler }))
    return await Promise.race([run, fleet.failed(), load.child.failed(), interrupted])
  } finally {
    sampler.stop()
    await Promise.all([fleet.stop(), load.child.stop()])
  }
}

async function preload({ accounts }: SteadyOptions, fleet: Fleet, load: Load): Promise<void> {
  console.error('workers join')
  await fleet.until('all partitions are held', JOIN_MS, () => fleet.settled)
  fleet.order('go')
  console.error(`state of ${accounts} accounts`)
  load.child.order('preload')
  await load.preloaded.promise
  await fleet.until('all accounts have state', JOIN_MS * 2, () => fleet.records >= accounts)
}

interface Party {
  readonly fleet: Fleet
  readonly load: Load
  readonly sampler: Sampler
}

async function measure(options: SteadyOptions, site: Site, { fleet, load, sampler }: Party): Promise<Run> {
  const { rate, seconds, killAfterSeconds, out } = options
  console.error(`${rate} records/s for ${seconds} s; samples go to ${out}`)
  sampler.start()
  load.child.order('go')
  const takeover = killAfterSeconds === null ? null : killLater(killAfterSeconds, fleet, site)
  takeover?.catch(() => undefined)
  await pause(WARM_UP_MS)
  const meter = new CostMeter(partiesOf(fleet, site, load), fleet.records)
  const { sent, tookMs } = await load.sent.promise
  // A killed worker took its CPU time with it, and what it had done is done again.
  const cost = takeover === null ? meter.figures(fleet.records) : null
  const trends = sampler.trends()
  const peakRssMiB = fleet.workers.map(({ child, pid }) => (child.alive ? highWaterMiB(pid) : null))
  const { turnsLateMs, latencyMs, markers } = await load.figures.promise
  const recordsPerSecond = Math.round((sent * 1_000) / tookMs)
  const generator = { recordsPerSecond, fellBehind: recordsPerSecond < rate * KEPT_UP, turnsLateMs }
  const late = fleet.workers.reduce((sum, worker) => sum + worker.late, 0)
  const sound = !generator.fellBehind && markers.exact === markers.expected && markers.duplicates === 0
  const figures = { generator, cost, latencyMs, markers, late, takeover: await takeover, peakRssMiB, trends }
  return { sound, figures }
}

async function killLater(seconds: number, fleet: Fleet, site: Site): Promise<TakeoverFigures> {
  await pause(seconds * 1_000)
  console.error('kill -9 of a worker')
  return killOne(fleet, site.admin, groupOf(site.place.name))
}

function partiesOf(fleet: Fleet, site: Site, load: Load) {
  return {
    workers: fleet.workers.map(({ pid }) => pid),
    redis: site.redisPid,
    broker: site.brokerPid,
    load: load.child.pid,
  }
}

/** Keeps nobody from ending: what a run waits for is over when its processes are. */
function pause(ms: number): Promise<void> {
  return wait(ms, undefined, { ref: false })
}
