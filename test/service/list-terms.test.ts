/** How long lists are known: in a metric always, in the log once a state. */
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/service/metrics.ts'
import { ENDING_MS, ListTerms } from '../../src/service/list-terms.ts'

const NOW_MS = 1_800_000_000_000

/** What was warned of at each look: list and message. */
function looks(...each: readonly (readonly [Readonly<Record<string, number | null>>, number])[]) {
  const warnings: string[][] = []
  const metrics = createMetrics()
  const terms = new ListTerms(metrics.listEnds, {
    warn: (fields, message) => void warnings.at(-1)?.push(`${String(fields['list'])}: ${message}`),
  })
  for (const [ends, nowMs] of each) {
    warnings.push([])
    terms.look(new Map(Object.entries(ends)), nowMs)
  }
  return { warnings, metrics }
}

describe('a list that conditions ask for', () => {
  it('is warned of once before it runs out and once after, and again once it was published anew', () => {
    const ends = { partners: NOW_MS + ENDING_MS }
    const { warnings } = looks(
      [ends, NOW_MS - 1],
      [ends, NOW_MS],
      [ends, NOW_MS + 1],
      [ends, ends.partners],
      [ends, ends.partners + 1],
      [{ partners: ends.partners + 2 * ENDING_MS }, ends.partners + 2],
      [{ partners: ends.partners + 3 }, ends.partners + 3],
    )
    const [soon, out] = [
      'partners: this list runs out soon: publish it again',
      'partners: this list has run out: conditions that ask for it are blind',
    ]
    expect(warnings).toEqual([[], [soon], [], [out], [], [], [out]])
  })

  it('is warned of where nobody has published it', () => {
    const { warnings } = looks([{ partners: null, watched: NOW_MS + 2 * ENDING_MS }, NOW_MS])
    expect(warnings).toEqual([
      ['partners: nobody has published this list: conditions that ask for it are blind'],
    ])
  })

  it('tells its end as a time, and is told no more once no topology declares it', async () => {
    const { metrics } = looks(
      [{ gone: NOW_MS + 1, partners: null }, NOW_MS],
      [{ partners: null, watched: NOW_MS + 5_000 }, NOW_MS],
    )
    const { values } = await metrics.listEnds.get()
    expect(values.map(({ labels, value }) => [labels.list, value])).toEqual([
      ['partners', 0],
      ['watched', NOW_MS / 1_000 + 5],
    ])
  })
})
