/** The page of windows and the tests that hold it: each sentence has one, and none cites what is not there. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync('docs/windows.md', 'utf8')
const items = page.split('\n').filter((line) => line.startsWith('- '))
const numbers = items.map((line) => /^- \*\*(W\d+)\*\* /.exec(line)?.[1])

const files = ['test/windows', 'test/integration'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
)
/** What stands before the colon of a title: `W1`, or `W1, W2`. */
const cited = new Set(
  files.flatMap((text) =>
    [...text.matchAll(/['"`]((?:W\d+(?:, )?)+):/g)].flatMap(([, list = '']) => list.split(', ')),
  ),
)

describe('the page of windows', () => {
  it('numbers its sentences in order', () => {
    expect(numbers.length).toBeGreaterThan(30)
    expect(numbers).toEqual(items.map((_line, at) => `W${at + 1}`))
  })

  it('has a test for each sentence', () => {
    expect(numbers.filter((number) => !cited.has(number ?? ''))).toEqual([])
  })

  it('is cited for nothing that it does not say', () => {
    expect([...cited].filter((number) => !numbers.includes(number))).toEqual([])
  })
})
