/** What the models say of one text, in numbers and a few words of ours: what scoring processes answer, and what is remembered. */
import {
  MENTIONS,
  VERDICT_LABELS,
  type LabelScore,
  type Mention,
  type VerdictLabel,
} from '../domain/verdict.ts'
import type { Disguise } from './disguise.ts'

/** The model that had the last word on a text. Shared by all texts of an answer, so that it is told once. */
export interface ScoringModel {
  readonly id: string
  readonly version: string
  /** Its place in the cascade, from 0. */
  readonly depth: number
  /** What `scores` and `ratios` are of, in the verdict's order. */
  readonly labels: readonly VerdictLabel[]
}

export interface TextScores {
  readonly model: ScoringModel
  /** Calibrated, of each of the model's labels the highest over all readings and windows. */
  readonly scores: readonly number[]
  /** Log-likelihood ratios, capped. */
  readonly ratios: readonly number[]
  readonly disguises: readonly Disguise[]
  /** What any of its readings names, in the order of MENTIONS. */
  readonly mentions: readonly Mention[]
  /** Whether code stands in what was decoded of it. */
  readonly hidesCode: boolean
}

/** What was found of a text besides its numbers. */
export type Findings = Pick<TextScores, 'disguises' | 'mentions' | 'hidesCode'>

/** As a verdict says them. */
export function labelScoresOf({ model, scores, ratios }: TextScores): readonly LabelScore[] {
  return model.labels.map((label, at) => ({
    label,
    score: scores[at] ?? 0,
    logLikelihoodRatio: ratios[at] ?? 0,
  }))
}

/** The numbers of `found`, by the labels of `model`. */
export function textScoresOf(
  model: ScoringModel,
  found: ReadonlyMap<VerdictLabel, LabelScore>,
  { disguises, mentions, hidesCode }: Findings,
): TextScores {
  return {
    model,
    scores: model.labels.map((label) => found.get(label)?.score ?? 0),
    ratios: model.labels.map((label) => found.get(label)?.logLikelihoodRatio ?? 0),
    disguises,
    mentions,
    hidesCode,
  }
}

/** Per label the higher of two texts' scores, with the disguises and mentions of both, by the model that went deeper. */
export function higherOf(a: TextScores | null, b: TextScores | null): TextScores | null {
  if (a === null || b === null) return a ?? b
  const found = new Map<VerdictLabel, LabelScore>()
  for (const one of [...labelScoresOf(a), ...labelScoresOf(b)]) {
    if (one.logLikelihoodRatio >= (found.get(one.label)?.logLikelihoodRatio ?? -Infinity))
      found.set(one.label, one)
  }
  const model = b.model.depth > a.model.depth ? b.model : a.model
  return textScoresOf(model, found, {
    disguises: [...new Set([...a.disguises, ...b.disguises])],
    mentions: MENTIONS.filter((name) => a.mentions.includes(name) || b.mentions.includes(name)),
    hidesCode: a.hidesCode || b.hidesCode,
  })
}

/** In the order in which verdicts list them. */
export function inVerdictOrder(labels: Iterable<VerdictLabel>): readonly VerdictLabel[] {
  const wanted = new Set(labels)
  return VERDICT_LABELS.filter((label) => wanted.has(label))
}
