/**
 * What a model bundle says of itself: `manifest.json`, `golden.json`, and `cascade.json` where several models judge
 * together, as zod schemas and the types they give.
 */
import { z } from 'zod'
import { VERDICT_LABELS } from '../../domain/verdict.ts'
import { FEATURISER_VERSION } from '../featurise.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const share = z.number().min(0).max(1)
const probability = z.number().gt(0).lt(1)
const label = z.enum(VERDICT_LABELS)

const labelEntry = z.object({
  label,
  /** Clauses of the policy that the label speaks to. */
  clauses: z.array(z.string()),
  /** The model's own names for it, of `output.columns`: the highest of them, or the sum under softmax. */
  from: z.array(z.string()).min(1).optional(),
  /** False: half of a conjunction, or a weight on other clauses; no finding by itself. */
  standsAlone: z.boolean(),
  /** ratio = slope * logit + offset, in natural logarithms, within [floor, cap]. */
  calibration: z.object({
    slope: z.number().positive(),
    offset: z.number(),
    cap: z.number().positive(),
    floor: z.number().negative(),
  }),
  /** Calibrated scores that 1 %, 0.1 % and (extrapolated) 10⁻⁵ of honest rows pass. */
  thresholds: z.object({ onePercent: share, onePerMille: share, extreme: share }).optional(),
  trainingPositives: z.int().nonnegative().optional(),
})
export type LabelEntry = z.infer<typeof labelEntry>

/** The features of featurise.ts. */
const ngramInput = z.object({
  kind: z.literal('hashed-ngrams'),
  featuriser: z.literal(FEATURISER_VERSION),
  buckets: z.literal(262_144),
  charGrams: z.tuple([z.literal(3), z.literal(4), z.literal(5)]),
  wordGrams: z.tuple([z.literal(1), z.literal(2)]),
  /** Longest window that is scored at once, in UTF-16 units. */
  windowUnits: z.int().min(256).max(100_000),
})

/** Ids of a tokenizer that stands beside the model as `tokenizer.json`. */
const tokenInput = z.object({
  kind: z.literal('token-ids'),
  /** Longest window, special tokens included. */
  windowTokens: z.int().min(8).max(16_384),
  /** Tokens that a window has in common with the one before. */
  overlapTokens: z.int().nonnegative().default(0),
  padId: z.int().nonnegative().default(0),
  /** The model's names of its inputs; null for one that it does not take. */
  names: z
    .object({ ids: z.string(), mask: z.string().nullable(), types: z.string().nullable() })
    .default({ ids: 'input_ids', mask: 'attention_mask', types: null }),
})

/** The text itself, for a model that has its tokenizer inside. */
const stringInput = z.object({
  kind: z.literal('strings'),
  name: z.string(),
  windowUnits: z.int().min(256).max(100_000),
})

export type NgramInputEntry = z.infer<typeof ngramInput>
export type TokenInputEntry = z.infer<typeof tokenInput>
export type StringInputEntry = z.infer<typeof stringInput>

const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length

export const manifestSchema = z
  .object({
    schema: z.literal('bailiff-model-bundle/1'),
    id: z.string().min(1),
    version: z.string().min(1),
    languages: z.array(z.string()).min(1),
    files: z.object({ 'model.onnx': sha256, 'golden.json': sha256, 'tokenizer.json': sha256.optional() }),
    input: z.discriminatedUnion('kind', [ngramInput, tokenInput, stringInput]),
    output: z.object({
      name: z.string().min(1),
      activation: z.enum(['sigmoid', 'softmax']),
      /** Whether the activation is in the model, or left to us. */
      gives: z.enum(['probabilities', 'logits']).default('probabilities'),
      /** The model's own names of its outputs, in order; the labels themselves where none are given. */
      columns: z.array(z.string()).min(1).refine(distinct, 'a column stands twice').optional(),
    }),
    /** Share of breaches that turns a ratio into a score. */
    prior: probability,
    labels: z
      .array(labelEntry)
      .min(1)
      .refine((labels) => distinct(labels.map((entry) => entry.label)), 'a label stands twice'),
    training: z
      .object({
        seed: z.int(),
        rows: z.int(),
        folds: z.int(),
        sets: z.array(z.object({ name: z.string(), licence: z.string(), rows: z.int() })),
      })
      .optional(),
  })
  .superRefine(({ input, files, output, labels }, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (input.kind === 'token-ids' && files['tokenizer.json'] === undefined)
      complain(['files', 'tokenizer.json'], 'token ids need a tokenizer.json')
    if (input.kind === 'token-ids' && input.overlapTokens > input.windowTokens / 2)
      complain(['input', 'overlapTokens'], 'may be half of a window at most')
    const columns = output.columns ?? labels.map((entry) => entry.label)
    for (const [at, entry] of labels.entries()) {
      const unknown = (entry.from ?? [entry.label]).filter((name) => !columns.includes(name))
      if (unknown.length > 0)
        complain(['labels', at, 'from'], `no column of the model: ${unknown.join(', ')}`)
    }
  })
export type Manifest = z.infer<typeof manifestSchema>

export const goldenSchema = z.object({
  tolerance: z.number().positive().max(0.05),
  /** Per label the probability that the model gives, before calibration. */
  cases: z.array(z.object({ text: z.string(), scores: z.record(z.string(), z.number()) })).min(1),
})
export type Golden = z.infer<typeof goldenSchema>

/** A text goes on to the next model when one of `labels` has a ratio in that band. */
const escalation = z.object({
  labels: z.array(label).min(1),
  above: z.number(),
  /** Left out for what must always be looked at twice, such as S0 clauses. */
  below: z.number().optional(),
})
export type Escalation = z.infer<typeof escalation>

export const cascadeSchema = z.object({
  schema: z.literal('bailiff-model-cascade/1'),
  /** Cheapest first. Of a label the last model that was asked and has it decides. */
  models: z
    .array(z.object({ folder: z.string().min(1), when: z.array(escalation).min(1).optional() }))
    .min(2)
    .refine((models) => models[0]?.when === undefined, 'the first model is asked always, without a `when`')
    .refine(
      (models) => models.slice(1).every(({ when }) => when !== undefined),
      'each later model needs a `when`',
    ),
})
