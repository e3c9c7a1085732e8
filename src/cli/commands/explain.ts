/**
 * `bailiff explain ID`: why a signal, or each signal of an account, was raised: the condition with the values put
 * in, the smallest change that would not have fired, and where the evidence lies. For reviewers, never for
 * customers: it names limits.
 */
import type { Signal } from '../../domain/signal.ts'
import type { Bundle } from '../../topology/bundle.ts'
import { explain, figure, type Explanation } from '../../topology/explanation.ts'
import type { CompiledDetector, CompiledTopology } from '../../topology/model.ts'
import { detectorNames, RECORDED_JITTER } from '../../topology/names.ts'
import { loadBundle } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { changeText, leavesOf, told } from '../explained.ts'
import { foundSignals } from '../found-signals.ts'
import { table, type Terminal } from '../terminal.ts'

const SHORT_DIGEST = 12

export interface ExplainOptions {
  /** JSON lines with signals, `-` for standard input; null reads the topics. */
  readonly signals: string | null
  readonly json: boolean
}

/** A signal with its condition; null where this bundle has another version of the detector, or none. */
interface ExplainedSignal {
  readonly signal: Signal
  /** Of the bundle that explains. */
  readonly bundleSha256: string
  readonly detector: CompiledDetector | null
  readonly explanation: Explanation | null
}

export async function explainSignals(
  context: CommandContext,
  id: string,
  options: ExplainOptions,
): Promise<number> {
  const bundle = loadBundle(context.settings.topologiesFolder)
  const signals = await foundSignals(context.settings, id, options.signals)
  if (signals.length === 0)
    throw new CommandError(`No signal has the id ${id}, and none is about such an account.`)
  for (const signal of signals) {
    const explained = explainSignal(bundle, signal)
    if (options.json) context.print(JSON.stringify(asJson(explained)))
    else for (const line of inWords(explained, context.stdout)) context.stdout.line(line)
  }
  return EXIT.ok
}

function explainSignal(bundle: Bundle, signal: Signal): ExplainedSignal {
  const found = bundle.topologies
    .map((topology) => ({ topology, detector: sameDetector(topology, signal) }))
    .find((one) => one.detector !== undefined)
  const { sha256: bundleSha256 } = bundle
  if (found?.detector === undefined) return { signal, bundleSha256, detector: null, explanation: null }
  const { topology, detector } = found
  const explanation = explain(
    detector.text.when,
    detectorNames(topology.features, topology.derived, Object.keys(topology.lists), RECORDED_JITTER),
    signal.readings,
  )
  return { signal, bundleSha256, detector, explanation }
}

/** Only the version that judged can say why. */
function sameDetector({ detectors }: CompiledTopology, signal: Signal): CompiledDetector | undefined {
  return detectors.find(({ id, version }) => id === signal.detectorId && version === signal.detectorVersion)
}

function inWords(explained: ExplainedSignal, terminal: Terminal): readonly string[] {
  const { signal, detector, explanation } = explained
  const { detectorId, detectorVersion, mode, actor, clause, confidence, pointers } = signal
  const who = actor.level === 'account' ? actor.accountId : `${actor.accountId}, ${actor.level} ${actor.id}`
  const head = `${detectorId} version ${detectorVersion}, ${mode}: ${who}`
  return [
    terminal.paint('bold', head),
    `  ${new Date(signal.occurredAtMs).toISOString()}, clause ${clause}, confidence ${confidence}, signal ${signal.id}`,
    `  ${judgedBy(explained)}`,
    ...(detector === null
      ? [`  this bundle has no version ${detectorVersion} of it: its condition is not known here`]
      : [`  ${detector.description}`]),
    ...(explanation === null ? readingLines(signal) : conditionLines(explanation)),
    ...estimateLines(signal),
    ...(detector === null ? [] : narrowingLines(signal, detector)),
    ...(detector === null ? [] : [`  honest look-alikes: ${detector.lookAlikes.join('; ')}`]),
    ...(detector?.references ?? []).map((reference) => `  see ${reference}`),
    ...pointers.map(
      ({ requestId, topic, partition, offset }) =>
        `  evidence: request ${requestId}, ${topic}/${partition}/${offset}`,
    ),
    '',
  ]
}

/** A bundle that was published since, or before, may word the same version otherwise. */
function judgedBy({ signal: { policyVersion, bundleSha256 }, bundleSha256: own }: ExplainedSignal): string {
  const policy = `judged by policy ${policyVersion}`
  if (bundleSha256 === null) return policy
  const bundle = `${policy}, bundle ${bundleSha256.slice(0, SHORT_DIGEST)}`
  if (bundleSha256 === own) return bundle
  return `${bundle}; the bundle in this folder is another (bailiff policy list, bailiff policy show VERSION --out FOLDER)`
}

function conditionLines({ condition, smallestChange }: Explanation): readonly string[] {
  const rows = leavesOf(condition).map((leaf) => ['   ', leaf.truth, leaf.text, told(leaf)])
  return [
    '  it fired because',
    ...table(rows),
    smallestChange === null
      ? '  no small change is known that would not have fired'
      : `  it would not have fired, had it been ${changeText(smallestChange)}`,
  ]
}

/** Why it names a part of the account, or does not: how much of what was counted is that part's own. */
function narrowingLines(
  { actor, readings }: Signal,
  { narrowings, narrowShare }: CompiledDetector,
): readonly string[] {
  const known = new Map(readings.map(({ name, value }) => [name, value]))
  return narrowings.flatMap(({ level, figures }) => {
    const shares = figures.flatMap(({ part, whole }) => {
      const [own = null, all = null] = [known.get(part.name), known.get(whole.name)]
      return own === null || all === null ? [] : [`${figure(own)} of ${figure(all)} ${whole.name}`]
    })
    if (shares.length < figures.length) return [`  whether one ${level} has most of it is not known`]
    const named = actor.level === level ? 'it names' : 'it does not name'
    const whose = level === 'endUser' ? ' of a reseller' : ''
    return [
      `  ${named} the ${level}: ${shares.join(', ')} are its own; named is one${whose} with ${narrowShare * 100} %`,
    ]
  })
}

/** Which of what the condition read is no exact figure. */
function estimateLines({ readings }: Signal): readonly string[] {
  return readings.flatMap(({ name, value, error }) =>
    value === null || error === null || error === 0
      ? []
      : [`  an estimate: ${name} is ${figure(value)}, give or take ${figure(error)}`],
  )
}

function readingLines({ readings }: Signal): readonly string[] {
  return readings.map(({ name, value, text }) => `  ${name} ${text ?? value ?? 'unknown'}`)
}

function asJson({ signal, detector, explanation }: ExplainedSignal): object {
  return {
    signal,
    condition: explanation?.condition ?? null,
    smallestChange: explanation?.smallestChange ?? null,
    lookAlikes: detector?.lookAlikes ?? null,
    references: detector?.references ?? null,
  }
}
