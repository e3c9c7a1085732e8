/**
 * `bailiff doctor`: which detectors are live, degraded or blind on this platform's data, and which field would help.
 * Reads a sample of the topics, or of a file; keeps counts, no values. Of lists the topics tell alone, until when each is
 * known. The detectors are those that processes run: of the published bundle, where the topics are read and one counts.
 */
import { systemClock } from '../../domain/clock.ts'
import { Meter } from '../../meter/meter.ts'
import { DataSample, type Diagnosis, type Gap, type Sight } from '../../topology/blind-spots.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { ENDING_MS } from '../../service/list-terms.ts'
import { loadBundle } from '../compose/bundle.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import { openClassifier } from '../compose/open-classifier.ts'
import type { ActiveBundle } from '../compose/policies.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { SAMPLED, sampleTopic } from '../data-sample.ts'
import { EXIT } from '../exit.ts'
import { sampleFile } from '../file-sample.ts'
import { atDesk } from '../people/desk.ts'
import { CONTROL_TOPIC, newestLists, runningBundle } from '../people/published.ts'
import { table, type Style, type Terminal } from '../terminal.ts'

const SHORT_DIGEST = 12

export interface DoctorOptions {
  /** Newest records of each topic that are looked at; of a file, requests and responses whose texts are. */
  readonly records: number
  /** JSON lines as `replay` takes them; none reads the topics. */
  readonly events: string | null
  /** Whether texts of a file are looked at; of topics the verdicts on them are read. */
  readonly classify: boolean
  /** Whether our own topologies are looked at, whatever is published. */
  readonly own: boolean
  readonly json: boolean
}

export async function doctor(context: CommandContext, options: DoctorOptions): Promise<number> {
  const looked = await bundleToLookAt(context, options)
  const { topologies } = looked.bundle
  const judging = topologies.filter((topology) => topology.detectors.length > 0)
  const samples = judging.map((topology) => ({ topology, sample: new DataSample(topology) }))
  if (options.events !== null) await sampleEvents(context, options.events, options, samples)
  else for (const { sample } of samples) await sampleTopics(context, options.records, sample)
  const lists = options.events === null ? await listEnds(context, judging) : null
  const nowMs = systemClock.now()
  for (const { topology, sample } of samples)
    for (const name of Object.keys(topology.lists))
      if (lists !== null) sample.takeList(name, (lists.get(name) ?? 0) > nowMs)
  const reports = samples.map((one) => report(one, looked, lists))
  if (options.json) context.print(JSON.stringify(reports))
  else {
    context.stdout.line(lookedAtText(context, looked))
    for (const one of reports) tell(context.stdout, one, nowMs)
  }
  return EXIT.ok
}

/** What processes run: the newest published bundle that counts, where there are signers by whom one can; else our own. */
async function bundleToLookAt(
  context: CommandContext,
  { events, own }: DoctorOptions,
): Promise<ActiveBundle> {
  const { signers, topologiesFolder } = context.settings
  const running =
    events !== null || own || signers === ''
      ? null
      : await atDesk(context, { reads: [CONTROL_TOPIC], writes: [] }, runningBundle)
  return running ?? { bundle: loadBundle(topologiesFolder), version: 0 }
}

function lookedAtText({ settings }: CommandContext, { bundle, version }: ActiveBundle): string {
  const which =
    version === 0 ? `the topologies in ${settings.topologiesFolder}` : `version ${version}, as published`
  return `looking at ${which}: bundle ${bundle.sha256.slice(0, SHORT_DIGEST)}`
}

/** When each list runs out that people have published; null where no topology asks for any. */
async function listEnds(
  context: CommandContext,
  topologies: readonly CompiledTopology[],
): Promise<ReadonlyMap<string, number> | null> {
  if (topologies.every(({ lists }) => Object.keys(lists).length === 0)) return null
  const newest = await atDesk(context, { reads: [CONTROL_TOPIC], writes: [] }, newestLists)
  return new Map([...newest].map(([name, { expiresAtMs }]) => [name, expiresAtMs ?? Infinity]))
}

async function sampleEvents(
  { settings }: CommandContext,
  file: string,
  { classify, records }: DoctorOptions,
  samples: readonly { readonly sample: DataSample }[],
): Promise<void> {
  const hashKey = hashKeyOf(settings)
  const classifier = classify
    ? await openClassifier({ bundleFolder: settings.modelFolder, hashKey, scoring: settings.scoring })
    : null
  try {
    const stages = { meter: new Meter({ hashKey }), classifier, mostTexts: records }
    await sampleFile(
      file,
      stages,
      samples.map(({ sample }) => sample),
    )
  } finally {
    await classifier?.close()
  }
}

async function sampleTopics(
  { settings, stderr }: CommandContext,
  records: number,
  sample: DataSample,
): Promise<void> {
  await withTopics(settings, { purpose: 'doctor', reads: SAMPLED, writes: [] }, async (log, codec) => {
    for (const topic of SAMPLED) {
      stderr.status(`reading ${topic}`)
      await sampleTopic(log, codec, topic, records, sample)
    }
    stderr.status('')
  })
}

interface Report {
  readonly topology: string
  readonly bundleSha256: string
  /** The version under which the bundle was published; null for our own topologies. */
  readonly publishedVersion: number | null
  readonly records: Readonly<Record<string, number>>
  /** By name, when it runs out, epoch milliseconds; null where nobody has published it. Empty where a file was read. */
  readonly lists: Readonly<Record<string, number | null>>
  readonly detectors: readonly Diagnosis[]
}

function report(
  { topology, sample }: { topology: CompiledTopology; sample: DataSample },
  { bundle, version }: ActiveBundle,
  ends: ReadonlyMap<string, number> | null,
): Report {
  const names = ends === null ? [] : Object.keys(topology.lists)
  return {
    topology: topology.name,
    bundleSha256: bundle.sha256,
    publishedVersion: version === 0 ? null : version,
    records: Object.fromEntries(sample.records()),
    lists: Object.fromEntries(names.map((name) => [name, ends?.get(name) ?? null])),
    detectors: topology.detectors.map((detector) => sample.diagnose(detector)),
  }
}

const COLOURS: Readonly<Record<Sight, Style>> = { live: 'green', degraded: 'yellow', blind: 'red' }

function tell(terminal: Terminal, { topology, records, lists, detectors }: Report, nowMs: number): void {
  terminal.line(terminal.paint('bold', `${topology}: what its detectors can see`))
  const told = Object.entries(records).map(([source, count]) => ['', source, `${count} records`])
  const known = Object.entries(lists).map(([name, endMs]) => ['', `lists.${name}`, listText(endMs, nowMs)])
  for (const line of table([...told, ...known])) terminal.line(line)
  const width = Math.max(0, ...detectors.map(({ detectorId }) => detectorId.length))
  for (const { detectorId, sight, gaps } of detectors) {
    const [first = '', ...others] = gaps.map(gapText)
    terminal.line(
      `${detectorId.padEnd(width)}  ${terminal.paint(COLOURS[sight], sight.padEnd(8))}  ${first}`.trimEnd(),
    )
    for (const other of others) terminal.line(`${' '.repeat(width + 12)}${other}`)
  }
}

function listText(endMs: number | null, nowMs: number): string {
  if (endMs === null) return 'nobody has published it'
  const end = new Date(endMs).toISOString().slice(0, 10)
  if (endMs <= nowMs) return `has run out on ${end}`
  return endMs - nowMs <= ENDING_MS ? `runs out soon, on ${end}: publish it again` : `known until ${end}`
}

function gapText({ source, name, known }: Gap): string {
  const share = known === 0 ? 'never' : `in ${Math.round(known * 100)} % of places`
  if (name === null && known === 0) return `${source} has no records`
  if (name === null) return `${source} tells of ${Math.round(known * 100)} % of the accounts that act`
  return `${name} of ${source} is known ${share}`
}
