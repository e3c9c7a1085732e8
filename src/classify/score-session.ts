/**
 * The open models of a cascade: texts to scores. Every reading of a text is scored, and the highest counts.
 *
 * C1. The first model sees every text. A later one sees those of which the ones before found a ratio in its band, all
 *     readings of them, and decides what it has a label for.
 * C2. What a text scores depends on that text alone.
 */
import type { LabelScore, VerdictLabel } from '../domain/verdict.ts'
import { readingsOf, type Reading } from './canonicalise.ts'
import type { Disguise } from './disguise.ts'
import type { CascadeStep } from './model/bundle.ts'
import { calibrate } from './model/calibrate.ts'
import type { Escalation, Manifest } from './model/manifest.ts'
import { mentionsOf } from './mentions.ts'
import { openModel, type ModelSession } from './model/model-session.ts'
import type { Provider } from './model/open-onnx.ts'
import { hidesCode } from './text-facts.ts'
import { inVerdictOrder, textScoresOf, type ScoringModel, type TextScores } from './text-scores.ts'

/** A disguise is reported when undoing it raised some label's logit by at least this much. */
const TELLING_LOGITS = 0.5

interface Step {
  readonly session: ModelSession
  readonly when: readonly Escalation[]
  readonly model: ScoringModel
}

/** A text on its way through the cascade. */
interface Judged {
  readonly readings: readonly Reading[]
  readonly found: Map<VerdictLabel, LabelScore>
  readonly disguises: Set<Disguise>
  model: ScoringModel | null
}

export class ScoreSession {
  readonly #steps: readonly Step[]

  private constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  /** Opens and checks every model; throws BundleRefused. */
  static async open(
    cascade: readonly CascadeStep[],
    providers: readonly Provider[] = ['cpu'],
  ): Promise<ScoreSession> {
    const labels = inVerdictOrder(
      cascade.flatMap(({ bundle }) => bundle.manifest.labels.map(({ label }) => label)),
    )
    const steps: Step[] = []
    for (const [depth, { bundle, when }] of cascade.entries()) {
      const { id, version } = bundle.manifest
      const session = await openModel(bundle, providers)
      steps.push({ session, when, model: { id, version, depth, labels } })
    }
    return new ScoreSession(steps)
  }

  /** The models, cheapest first. */
  get models(): readonly ModelSession[] {
    return this.#steps.map(({ session }) => session)
  }

  /** Scores in the order of the texts; `onBatch` is called after each run of a model. */
  async score(
    texts: readonly string[],
    onBatch: () => void = () => undefined,
  ): Promise<readonly TextScores[]> {
    const all = texts.map((text): Judged => ({
      readings: readingsOf(text),
      found: new Map(),
      disguises: new Set(),
      model: null,
    }))
    for (const step of this.#steps) {
      const wanted = all.filter(({ model, found }) => model === null || calls(step.when, found))
      if (wanted.length > 0) await judge(step, wanted, onBatch)
    }
    return all.flatMap(({ model, found, disguises, readings }) => {
      if (model === null) return []
      const mentions = mentionsOf(readings)
      return [
        textScoresOf(model, found, { disguises: [...disguises], mentions, hidesCode: hidesCode(readings) }),
      ]
    })
  }

  async release(): Promise<void> {
    for (const { session } of this.#steps) await session.release()
  }
}

function calls(when: readonly Escalation[], found: ReadonlyMap<VerdictLabel, LabelScore>): boolean {
  return when.some(({ labels, above, below = Infinity }) =>
    labels.some((label) => {
      const ratio = found.get(label)?.logLikelihoodRatio ?? -Infinity
      return ratio >= above && ratio < below
    }),
  )
}

async function judge({ session, model }: Step, texts: readonly Judged[], onBatch: () => void): Promise<void> {
  const readings = texts.flatMap((judged) => judged.readings)
  const logits = await session.score(
    readings.map((reading) => reading.text),
    onBatch,
  )
  let next = 0
  for (const judged of texts) {
    const own = logits.slice(next, (next += judged.readings.length))
    judged.model = model
    note(judged, session.manifest, own)
  }
}

/** Keeps the highest of each label over the readings, and the disguises of those that raised one tellingly. */
function note(
  { readings, found, disguises }: Judged,
  manifest: Manifest,
  logits: readonly (readonly number[])[],
): void {
  const plain = logits[0] ?? []
  const highest = plain.map((_, label) => Math.max(...logits.map((row) => row[label] ?? -Infinity)))
  manifest.labels.forEach((entry, at) => {
    found.set(entry.label, calibrate(entry, manifest.prior, highest[at] ?? -Infinity))
  })
  readings.forEach((reading, at) => {
    const telling = (logits[at] ?? []).some(
      (logit, label) => logit === highest[label] && logit - (plain[label] ?? 0) >= TELLING_LOGITS,
    )
    if (telling) for (const disguise of reading.disguises) disguises.add(disguise)
  })
}
