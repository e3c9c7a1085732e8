/** The page of the language names every word by which a feature can be told, every name of a condition, and no other. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { VERDICT_LABELS } from '../../src/domain/verdict.ts'
import { detectorNames, RECORDED_JITTER } from '../../src/topology/names.ts'
import { AGGREGATE_KEYWORDS, DERIVED_KEYWORDS, topologySchema } from '../../src/topology/topology-schema.ts'
import { COLLECTIONS, isGrant, vocabularyOf } from '../../src/topology/vocabulary.ts'

/** What stands between backticks in the first column of a section's table. */
function firstColumn(section: string): readonly string[] {
  const [, text = ''] = readFileSync('docs/language.md', 'utf8').split(`\n## ${section}\n`)
  const rows = (text.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, one = '']) => one),
  )
}

it('names every word by which a feature can be told', () => {
  const told = firstColumn('Features').filter((word) => !['share', 'group', 'wrongPerYear'].includes(word))
  expect([...told].sort()).toEqual([...AGGREGATE_KEYWORDS, ...DERIVED_KEYWORDS].sort())
})

it('names every other word of a feature, and of the file', () => {
  const properties = z.record(z.string(), z.unknown())
  const { features, ...file } = properties.parse(
    z.toJSONSchema(topologySchema, { io: 'input', unrepresentable: 'any' }).properties,
  )
  const { properties: words } = z
    .object({ additionalProperties: z.object({ properties }) })
    .parse(features).additionalProperties
  const page = readFileSync('docs/language.md', 'utf8')
  expect(Object.keys(words).filter((word) => !page.includes(`\`${word}`))).toEqual([])
  expect([...firstColumn('The file')].sort()).toEqual([...Object.keys(file), 'features'].sort())
})

it('names every word of a detector', () => {
  const { detectors } =
    z.toJSONSchema(topologySchema, { io: 'input', unrepresentable: 'any' }).properties ?? {}
  const words = z
    .object({ items: z.object({ properties: z.record(z.string(), z.unknown()) }) })
    .parse(detectors)
  const known = Object.keys(words.items.properties).filter((word) => !['when', 'jitter'].includes(word))
  expect(
    firstColumn('Detectors')
      .filter((word) => word !== 'when')
      .sort(),
  ).toEqual(known.sort())
})

it.each(COLLECTIONS.filter((one) => one !== 'arrivals'))('names every field of %s', (collection) => {
  const labels: readonly string[] = VERDICT_LABELS.map((label) => `${label}Ratio`)
  const page = readFileSync('docs/language.md', 'utf8')
  const row = page.split('\n').find((line) => line.startsWith(`| \`${collection}\` | \``)) ?? ''
  const told = [...(row.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map(([, one = '']) => one)
  const fields = Object.keys(vocabularyOf(collection)).filter((one) => !isGrant(one) && !labels.includes(one))
  expect([...new Set(told)].filter((one) => !labels.includes(one)).sort()).toEqual(fields.sort())
})

it('names everything that a condition may read beside its features', () => {
  const known = [...detectorNames([], [], ['NAME'], RECORDED_JITTER).keys()]
  let root = ''
  const told = firstColumn('Conditions').flatMap((word) => {
    root = word.startsWith('.') ? root : (word.split('.')[0] ?? '')
    const name = word.startsWith('.') ? root + word : word
    return name.endsWith('.*') ? known.filter((one) => one.startsWith(name.slice(0, -1))) : [name]
  })
  expect([...told].sort()).toEqual([...known].sort())
})
