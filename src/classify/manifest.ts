/** What a model bundle says of itself: `manifest.json` and `golden.json`, as zod schemas and the types they give. */
import { z } from 'zod'
import { VERDICT_LABELS } from '../domain/verdict.ts'
import { FEATURISER_VERSION } from './featurise.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const share = z.number().min(0).max(1)
const probability = z.number().gt(0).lt(1)

const labelEntry = z.object({
  label: z.enum(VERDICT_LABELS),
  /** Clauses of the policy that the label speaks to. */
  clauses: z.array(z.string()),
  /** False: half of a conjunction, or a weight on other clauses; no finding by itself. */
  standsAlone: z.boolean(),
  /** ratio = slope * logit + offset, in natural logarithms, within [floor, cap]. */
  calibration: z.object({
    slope: z.number().positive(),
    offset: z.number(),
    cap: z.number().positive(),
    floor: z.number().negative(),
  }),
  /** Calibrated scores that 1 %, 0.1 % and (extrapolated) 10⁻⁵ of honest training rows pass. */
  thresholds: z.object({ onePercent: share, onePerMille: share, extreme: share }),
  trainingPositives: z.int().nonnegative(),
})
export type LabelEntry = z.infer<typeof labelEntry>

export const manifestSchema = z.object({
  schema: z.literal('bailiff-model-bundle/1'),
  id: z.string().min(1),
  version: z.string().min(1),
  languages: z.array(z.string()).min(1),
  files: z.object({ 'model.onnx': sha256, 'golden.json': sha256 }),
  input: z.object({
    kind: z.literal('hashed-ngrams'),
    featuriser: z.literal(FEATURISER_VERSION),
    buckets: z.literal(262_144),
    charGrams: z.tuple([z.literal(3), z.literal(4), z.literal(5)]),
    wordGrams: z.tuple([z.literal(1), z.literal(2)]),
    /** Longest window that is scored at once, in UTF-16 units. */
    windowUnits: z.int().min(256).max(100_000),
  }),
  output: z.object({ name: z.string().min(1), activation: z.literal('sigmoid') }),
  /** Share of breaches that turns a ratio into a score. */
  prior: probability,
  labels: z
    .array(labelEntry)
    .min(1)
    .refine(
      (labels) => new Set(labels.map((entry) => entry.label)).size === labels.length,
      'a label stands twice',
    ),
  training: z.object({
    seed: z.int(),
    rows: z.int(),
    folds: z.int(),
    sets: z.array(z.object({ name: z.string(), licence: z.string(), rows: z.int() })),
  }),
})
export type Manifest = z.infer<typeof manifestSchema>

export const goldenSchema = z.object({
  tolerance: z.number().positive().max(0.05),
  cases: z.array(z.object({ text: z.string(), scores: z.record(z.string(), z.number()) })).min(1),
})
export type Golden = z.infer<typeof goldenSchema>
