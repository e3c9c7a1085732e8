/**
 * `bailiff doctor`: which detectors are live, degraded or blind on this platform's data, and which field would help.
 * Reads a sample of the topics, or of a file; keeps counts, no values.
 */
import { Meter } from '../../meter/meter.ts'
import { DataSample, type Diagnosis, type Gap, type Sight } from '../../topology/blind-spots.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { loadBundle } from '../compose/bundle.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { SAMPLED, sampleFile, sampleTopic } from '../data-sample.ts'
import { EXIT } from '../exit.ts'
import { table, type Style, type Terminal } from '../terminal.ts'

export interface DoctorOptions {
  /** Newest records of each topic that are looked at. */
  readonly records: number
  /** JSON lines as `replay` takes them; none reads the topics. */
  readonly events: string | null
  readonly json: boolean
}

export async function doctor(context: CommandContext, options: DoctorOptions): Promise<number> {
  const { topologies } = loadBundle(context.settings.topologiesFolder)
  const meter = new Meter({ hashKey: hashKeyOf(context.settings) })
  const judging = topologies.filter((topology) => topology.detectors.length > 0)
  const samples = judging.map((topology) => ({ topology, sample: new DataSample(topology) }))
  for (const { sample } of samples) {
    if (options.events === null) await sampleTopics(context, options.records, sample)
    else await sampleFile(options.events, meter, sample)
  }
  if (options.json) context.print(JSON.stringify(samples.map(report)))
  else for (const one of samples) tell(context.stdout, report(one))
  return EXIT.ok
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
  readonly records: Readonly<Record<string, number>>
  readonly detectors: readonly Diagnosis[]
}

function report({ topology, sample }: { topology: CompiledTopology; sample: DataSample }): Report {
  return {
    topology: topology.name,
    records: Object.fromEntries(sample.records()),
    detectors: topology.detectors.map((detector) => sample.diagnose(detector)),
  }
}

const COLOURS: Readonly<Record<Sight, Style>> = { live: 'green', degraded: 'yellow', blind: 'red' }

function tell(terminal: Terminal, { topology, records, detectors }: Report): void {
  terminal.line(terminal.paint('bold', `${topology}: what its detectors can see`))
  for (const line of table(
    Object.entries(records).map(([source, count]) => ['', source, `${count} records`]),
  ))
    terminal.line(line)
  const width = Math.max(0, ...detectors.map(({ detectorId }) => detectorId.length))
  for (const { detectorId, sight, gaps } of detectors) {
    const [first = '', ...others] = gaps.map(gapText)
    terminal.line(
      `${detectorId.padEnd(width)}  ${terminal.paint(COLOURS[sight], sight.padEnd(8))}  ${first}`.trimEnd(),
    )
    for (const other of others) terminal.line(`${' '.repeat(width + 12)}${other}`)
  }
}

function gapText({ source, name, known }: Gap): string {
  const share = known === 0 ? 'never' : `in ${Math.round(known * 100)} % of places`
  if (name === null && known === 0) return `${source} has no records`
  if (name === null) return `${source} tells of ${Math.round(known * 100)} % of the accounts that act`
  return `${name} of ${source} is known ${share}`
}
