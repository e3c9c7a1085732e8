/** The page of the language names every word by which a feature can be told, and no other. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { AGGREGATE_KEYWORDS, DERIVED_KEYWORDS } from '../../src/topology/topology-schema.ts'

it('names every word by which a feature can be told', () => {
  const rows = readFileSync('docs/language.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, word]) => word),
  )
  const told = named.filter((word) => word !== 'share' && word !== 'group' && word !== 'wrongPerYear')
  expect(told.sort()).toEqual([...AGGREGATE_KEYWORDS, ...DERIVED_KEYWORDS].sort())
})
