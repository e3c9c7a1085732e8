/**
 * All metrics, with names and one-line meanings, in one file. Base units; no label holds an account, a key or
 * anything else that customers can mint.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

const LATENCY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface Metrics {
  readonly registry: Registry
  readonly recordsConsumed: Counter<'topology' | 'topic'>
  readonly recordsRejected: Counter<'topology' | 'topic' | 'stage' | 'reason'>
  readonly recordsSuspected: Counter<'topology' | 'topic'>
  readonly sourceDisagrees: Gauge<'topology' | 'topic'>
  readonly recordsLate: Counter<'topology' | 'topic'>
  readonly recordsRepeated: Counter<'topology' | 'topic'>
  readonly consumerLag: Gauge<'topology' | 'topic' | 'partition'>
  readonly commits: Counter<'topology'>
  readonly commitDuration: Histogram<'topology'>
  readonly commitCells: Counter<'topology'>
  readonly commitBytes: Counter<'topology'>
  readonly recordsPublished: Counter<'topology'>
  readonly outputsWithheld: Counter<'topology' | 'topic'>
  readonly publishDuration: Histogram<'topology'>
  readonly takeovers: Counter<'topology' | 'store'>
  readonly positionsUntold: Counter<'topology'>
  readonly takeoverDuration: Histogram<'topology'>
  readonly tasks: Gauge<'topology'>
  readonly stalled: Gauge<'topology' | 'partition'>
  readonly stateKeys: Gauge<'topology' | 'partition'>
  readonly stateBytes: Gauge<'topology' | 'partition'>
  readonly storeCells: Gauge<'topology' | 'partition'>
  readonly storeBytes: Gauge<'topology' | 'partition'>
  readonly storeGuarded: Gauge<'topology' | 'partition'>
  readonly recordsSketched: Counter<'topology' | 'topic'>
  readonly signals: Counter<'detector' | 'clause' | 'mode'>
  readonly sanctions: Counter<'act' | 'clause' | 'mode'>
  readonly sanctionsHeld: Counter<'reason'>
  readonly detectorsOff: Gauge<'detector'>
  readonly detectorSeconds: Counter<'detector'>
  readonly scoringDeaths: Counter
  readonly modelInfo: Gauge<'model' | 'version' | 'provider'>
  readonly textsUnscored: Counter
  readonly scoringWaiting: Gauge
  readonly killSwitches: Gauge
  readonly listEnds: Gauge<'list'>
  readonly enforcementGap: Counter<'consumer'>
  readonly mediaEntries: Gauge
  readonly mediaQuarantined: Counter<'list'>
  readonly eventLoopDelay: Gauge<'topology'>
  readonly policyInfo: Gauge<'topology' | 'version' | 'sha256'>
  readonly policiesRefused: Counter<'topology'>
}

/** How often the main thread, which only waits, looks how late it is. */
const DELAY_LOOK_MS = 100

/** The process's own metrics (CPU, memory, garbage collection), once per process. */
export function createProcessMetrics(version: string): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: DELAY_LOOK_MS })
  const build = new Gauge({
    name: 'bailiff_build_info',
    help: 'Version of this build',
    labelNames: ['version'],
    registers: [registry],
  })
  build.set({ version }, 1)
  return registry
}

/** Everything of one topology, on a registry of its own: nothing is global. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `bailiff_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `bailiff_${name}`, help, labelNames, registers })
  const seconds = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({ name: `bailiff_${name}`, help, labelNames, registers, buckets: LATENCY_BUCKETS_SECONDS })
  return {
    registry,
    recordsConsumed: counter('records_consumed_total', 'Records processed', 'topology', 'topic'),
    recordsRejected: counter(
      'dlq_records_total',
      'Records set aside, by who refused them and why',
      'topology',
      'topic',
      'stage',
      'reason',
    ),
    sourceDisagrees: gauge(
      'source_disagrees',
      '1 for a source of which some producer places records by another hash than murmur2',
      'topology',
      'topic',
    ),
    recordsLate: counter('records_late_total', 'Records later than their source allows', 'topology', 'topic'),
    recordsRepeated: counter('records_deduplicated_total', 'Repeats that were dropped', 'topology', 'topic'),
    consumerLag: gauge('consumer_lag_records', 'Records not yet processed', 'topology', 'topic', 'partition'),
    commits: counter('commits_total', 'Checkpoints committed', 'topology'),
    commitDuration: seconds('commit_duration_seconds', 'Time of one checkpoint in the store', 'topology'),
    commitCells: counter('commit_cells_total', 'State cells written by checkpoints', 'topology'),
    commitBytes: counter('commit_bytes_total', 'State bytes written by checkpoints', 'topology'),
    recordsPublished: counter('records_published_total', 'Output records published', 'topology'),
    publishDuration: seconds('publish_duration_seconds', 'Time of one publishing transaction', 'topology'),
    ...takeoverMetrics(registers),
    takeoverDuration: seconds('takeover_duration_seconds', 'Time to acquire one task', 'topology'),
    tasks: gauge('tasks', 'Tasks held by this process', 'topology'),
    stalled: gauge('stalled', '1 while a partition waits for a service', 'topology', 'partition'),
    ...stateMetrics(registers),
    signals: counter('signals_total', 'Signals emitted', 'detector', 'clause', 'mode'),
    ...sanctionMetrics(registers),
    detectorSeconds: counter(
      'detector_seconds_total',
      'Time that the conditions of a detector have taken, by timing one judgement in some',
      'detector',
    ),
    detectorsOff: gauge('detector_off', '1 for a detector that threw and was switched off', 'detector'),
    ...scoringMetrics(registers),
    killSwitches: gauge('kill_switches', 'Kill switches that are engaged'),
    ...mediaMetrics(registers),
    eventLoopDelay: gauge(
      'event_loop_delay_seconds',
      '99th percentile of the delay since the last look',
      'topology',
    ),
    ...policyMetrics(registers),
  }
}

function policyMetrics(registers: Registry[]): Pick<Metrics, 'policyInfo' | 'policiesRefused' | 'listEnds'> {
  return {
    policyInfo: new Gauge({
      name: 'bailiff_policy_info',
      help: 'Bundle that runs; version 0 is that of own files',
      labelNames: ['topology', 'version', 'sha256'],
      registers,
    }),
    policiesRefused: new Counter({
      name: 'bailiff_policies_refused_total',
      help: 'Published bundles that must not run here',
      labelNames: ['topology'],
      registers,
    }),
    listEnds: new Gauge({
      name: 'bailiff_list_expires_timestamp_seconds',
      help: 'When a list that conditions ask for runs out, epoch seconds; 0 for one that nobody has published',
      labelNames: ['list'],
      registers,
    }),
  }
}

/** What is decided, what waits for people, and who does not act on it. */
function sanctionMetrics(
  registers: Registry[],
): Pick<Metrics, 'sanctions' | 'sanctionsHeld' | 'enforcementGap'> {
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `bailiff_${name}`, help, labelNames, registers })
  return {
    sanctions: counter('sanctions_total', 'Sanctions emitted', 'act', 'clause', 'mode'),
    sanctionsHeld: counter('sanctions_held_total', 'Sanctions held for review', 'reason'),
    enforcementGap: counter(
      'enforcement_gap_total',
      'Requests served although a sanction had closed what they used, by who let them through',
      'consumer',
    ),
  }
}

/** How tasks are found by those who acquire them. */
function takeoverMetrics(
  registers: Registry[],
): Pick<Metrics, 'takeovers' | 'recordsSuspected' | 'positionsUntold'> {
  return {
    takeovers: new Counter({
      name: 'bailiff_takeovers_total',
      help: 'Tasks acquired, by how their store was found',
      labelNames: ['topology', 'store'] as const,
      registers,
    }),
    positionsUntold: new Counter({
      name: 'bailiff_group_positions_untold_total',
      help: 'Tries to tell the group how far this process is that failed; its lag as others see it stands still',
      labelNames: ['topology'] as const,
      registers,
    }),
    recordsSuspected: new Counter({
      name: 'bailiff_records_suspected_total',
      help: 'Tasks acquired from an owner that died while it worked on one record, and on nothing else',
      labelNames: ['topology', 'topic'] as const,
      registers,
    }),
  }
}

/** How much state there is, here and in the store, and what the store is spared. */
function stateMetrics(
  registers: Registry[],
): Pick<
  Metrics,
  | 'stateKeys'
  | 'stateBytes'
  | 'storeCells'
  | 'storeBytes'
  | 'storeGuarded'
  | 'recordsSketched'
  | 'outputsWithheld'
> {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `bailiff_${name}`, help, labelNames: ['topology', 'partition'] as const, registers })
  return {
    stateKeys: gauge('state_entries', 'Keys in memory'),
    stateBytes: gauge('state_bytes', 'Bytes of state in memory, estimated'),
    storeCells: gauge('store_entries', 'Cells of state in the store'),
    storeBytes: gauge('store_bytes', 'Bytes of state in the store, about'),
    storeGuarded: gauge('store_guarded', '1 while new keys meet a sketch before the store'),
    outputsWithheld: new Counter({
      name: 'bailiff_outputs_withheld_total',
      help: 'Outputs of a rebuild that were counted, not published: they tell of what was over before',
      labelNames: ['topology', 'topic'] as const,
      registers,
    }),
    recordsSketched: new Counter({
      name: 'bailiff_records_sketched_total',
      help: 'Records of keys without state that were counted in a sketch only, because the store is filling up',
      labelNames: ['topology', 'topic'] as const,
      registers,
    }),
  }
}

/** The processes in which `classify` runs its models. */
function scoringMetrics(
  registers: Registry[],
): Pick<Metrics, 'scoringDeaths' | 'modelInfo' | 'textsUnscored' | 'scoringWaiting'> {
  const counter = (name: string, help: string) => new Counter({ name: `bailiff_${name}`, help, registers })
  return {
    scoringDeaths: counter('scoring_process_deaths_total', 'Scoring processes that ended without being told'),
    modelInfo: new Gauge({
      name: 'bailiff_model_info',
      help: 'Models that score, and the execution provider on which each runs',
      labelNames: ['model', 'version', 'provider'] as const,
      registers,
    }),
    textsUnscored: counter(
      'texts_unscored_total',
      'Texts given up because three scoring processes died of them',
    ),
    scoringWaiting: new Gauge({
      name: 'bailiff_scoring_waiting_characters',
      help: 'Characters that wait for a model or are being scored',
      registers,
    }),
  }
}

/** The lists of known media that `classify` holds. */
function mediaMetrics(registers: Registry[]): Pick<Metrics, 'mediaEntries' | 'mediaQuarantined'> {
  return {
    mediaEntries: new Gauge({
      name: 'bailiff_media_entries',
      help: 'Entries in the lists of known media',
      registers,
    }),
    mediaQuarantined: new Counter({
      name: 'bailiff_media_entries_quarantined_total',
      help: 'Entries that hit too many accounts and are enforced no more',
      labelNames: ['list'] as const,
      registers,
    }),
  }
}
