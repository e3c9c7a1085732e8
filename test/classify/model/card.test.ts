/**
 * What is published of the default model is what was measured of it: the tables of the card and of
 * docs/classification.md hold the figures of evaluation.json, and that is of the weights beside it.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const CARD = 'models/default/README.md'
const DOCS = 'docs/classification.md'
/** What the card has to tell: by clause, by source, of strangers, of the honest, disguised, of ratios and their sums. */
const PUBLISHED = [
  'all',
  'unseen',
  'honest',
  'sources',
  'left-out',
  'disguises',
  'extreme',
  'accounts',
] as const

const share = z.object({ recall: z.number(), low: z.number(), high: z.number() })
const label = z.object({
  positives: z.number(),
  auprc: z.number(),
  onePercent: share,
  onePerMille: share,
  shipped: z.object({ onePercent: z.object({ recall: z.number(), falsePositiveRate: z.number() }) }),
})
const part = z.object({ labels: z.record(z.string(), label) })
const leftOut = z.object({
  positives: z.number(),
  auroc: z.number(),
  onePercent: z.number(),
  onePerMille: z.number(),
})
const evaluationSchema = z.object({
  modelVersion: z.string(),
  modelSha256: z.string(),
  publicEval: part,
  sourcesWithoutTrainingRows: part,
  withoutNearDuplicates: part,
  honestSources: z.record(
    z.string(),
    z.object({ rows: z.number(), onePercent: z.number(), onePerMille: z.number() }),
  ),
  bySource: z.record(z.string(), z.record(z.string(), share.extend({ rows: z.number() }))),
  reliability: z.record(
    z.string(),
    z.array(z.object({ predicted: z.number().optional(), observed: z.number().optional() })),
  ),
  beyondExtreme: z.record(z.string(), z.object({ honest: z.number(), recall: z.number() })),
  accounts: z.record(
    z.string(),
    z.record(
      z.string(),
      z.record(z.string(), z.object({ crossed: z.number(), days: z.number(), upper: z.number() })),
    ),
  ),
  holdouts: z.object({
    leftOut: z.record(z.string(), z.record(z.string(), z.object({ with: leftOut, without: leftOut }))),
  }),
  robustness: z.object({ recall: z.record(z.string(), z.record(z.string(), z.number())) }),
})
type Row = readonly string[]

const measured = evaluationSchema.parse(JSON.parse(readFileSync('models/default/evaluation.json', 'utf8')))

/** Cells of a page's table by its name, without the head. */
function tableOf(page: string, name: string): readonly Row[] {
  const text = readFileSync(page, 'utf8')
  const [, section] = new RegExp(`<!-- ${name} -->\n([^]*?)<!-- /${name} -->`).exec(text) ?? []
  const lines = (section ?? '').split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const recallOf = (one: z.infer<typeof share>): string => one.recall.toFixed(3)
const pairs = <T>(
  of: Readonly<Record<string, Readonly<Record<string, T>>>>,
): readonly [string, string, T][] =>
  Object.entries(of).flatMap(([outer, inner]) =>
    Object.entries(inner).map(([name, value]): [string, string, T] => [outer, name, value]),
  )

/** Of each label the beginning of every cell: intervals are rounded once more. */
function labelRows({ labels }: z.infer<typeof part>): readonly Row[] {
  return Object.entries(labels).map(([name, one]) => [
    name,
    String(one.positives),
    one.auprc.toFixed(3),
    recallOf(one.onePercent),
    recallOf(one.onePerMille),
    one.shipped.onePercent.recall.toFixed(3),
  ])
}

/** The rows that a table has to have, each cell at least beginning so. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  all: labelRows(measured.publicEval),
  unseen: labelRows(measured.sourcesWithoutTrainingRows),
  distinct: labelRows(measured.withoutNearDuplicates),
  honest: Object.entries(measured.honestSources).map(([name, one]) => [name, String(one.rows)]),
  sources: pairs(measured.bySource).map(([name, source, one]) => [
    name,
    source,
    String(one.rows),
    recallOf(one),
  ]),
  'left-out': pairs(measured.holdouts.leftOut).map(([source, name, one]) => [
    source,
    name,
    String(one.with.positives),
    ...(['auroc', 'onePercent', 'onePerMille'] as const).map(
      (figure) => `${one.with[figure].toFixed(3)} / ${one.without[figure].toFixed(3)}`,
    ),
  ]),
  disguises: Object.entries(measured.robustness.recall).map(([name, recall]) =>
    name === 'none' ? ['none: recall', recall['violent_extremism']?.toFixed(2) ?? ''] : [name],
  ),
  extreme: Object.entries(measured.beyondExtreme).map(([name, one]) => [
    name,
    '',
    String(one.honest),
    one.recall.toFixed(3),
  ]),
  accounts: pairs(measured.accounts)
    .filter(([, , volumes]) => Object.values(volumes).some(({ crossed }) => crossed > 0))
    .map(([account, name, volumes]) => [
      account,
      name,
      ...Object.values(volumes).map(({ crossed, days }) => `${crossed}/${days} `),
    ]),
}

describe('what is published of the default model', () => {
  it('was measured of the weights that ship', () => {
    const manifest = z
      .object({ version: z.string(), files: z.object({ 'model.onnx': z.string() }) })
      .parse(JSON.parse(readFileSync('models/default/manifest.json', 'utf8')))
    expect(measured.modelVersion).toBe(manifest.version)
    expect(measured.modelSha256).toBe(manifest.files['model.onnx'])
  })

  it.each(PUBLISHED)('stands in the card as in the docs: %s', (name) => {
    expect(tableOf(CARD, name)).not.toEqual([])
    expect(tableOf(CARD, name)).toEqual(tableOf(DOCS, name))
  })

  it.each(Object.entries(ROWS))('is what was measured: %s', (name, rows) => {
    const table = tableOf(DOCS, name)
    expect(rows).not.toEqual([])
    for (const row of rows) {
      const beginsSo = (cells: Row): boolean => row.every((cell, at) => cells[at]?.startsWith(cell) === true)
      expect(table.some(beginsSo), row.join(' | ')).toBe(true)
    }
  })

  it('has a point in its reliability diagrams for each bin with rows enough', () => {
    const bins = Object.values(measured.reliability).flat()
    const points = readFileSync('models/default/reliability.svg', 'utf8').match(/<circle/g) ?? []
    expect(points).toHaveLength(bins.filter(({ predicted }) => predicted !== undefined).length)
  })
})
