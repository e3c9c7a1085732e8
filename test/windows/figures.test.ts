import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import {
  addFigure,
  askToWait,
  decodeFigure,
  encodeFigure,
  figureStart,
  figureValue,
  isEarly,
  mergeFigure,
  type FigureKind,
  type Figures,
} from '../../src/windows/figures.ts'

const KINDS: readonly FigureKind[] = ['count', 'sum', 'mean', 'max', 'min']
const AT = 2

function figuresOf(kind: FigureKind, values: readonly number[]): Figures {
  const figures = Float64Array.of(9, 9, ...figureStart(kind), 9)
  for (const value of values) addFigure(kind, figures, AT, value)
  return figures
}

const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }))

describe('figures', () => {
  it('are what their names say', () => {
    const given = [3, 1.5, 4.5]
    const told = KINDS.map((kind) =>
      figureValue(kind, figuresOf(kind, kind === 'count' ? [1, 1, 1] : given), AT),
    )
    expect(told).toEqual([3, 9, 3, 4.5, 1.5])
  })

  it('of nothing are 0 where nothing is a number, else unknown', () => {
    expect(KINDS.map((kind) => figureValue(kind, figuresOf(kind, []), AT))).toEqual([0, 0, NaN, NaN, NaN])
  })

  it.each(KINDS)('merge in any grouping to one %s, to the last digit', (kind) => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (panes) => {
        const merged = figuresOf(kind, [])
        for (const pane of panes.toReversed()) mergeFigure(kind, merged, AT, figuresOf(kind, pane), AT)
        expect(merged).toEqual(figuresOf(kind, panes.flat()))
      }),
    )
  })

  it.each(KINDS)('come back from the store as they were: %s', (kind) => {
    fc.assert(
      fc.property(values, (given) => {
        const figures = figuresOf(kind, kind === 'count' ? given.map(() => 1) : given)
        const writer = new ByteWriter()
        encodeFigure(kind, figures, AT, writer)
        const restored = figuresOf(kind, [])
        decodeFigure(kind, restored, AT, new ByteReader(writer.take()))
        expect(restored).toEqual(figures)
      }),
    )
  })
})

describe('early retries', () => {
  const start = (): Figures => Float64Array.from(figureStart('earlyRetries'))

  it('are requests between the refusal and the time that it asked to wait until, half open', () => {
    const figures = start()
    askToWait(figures, 0, 1_000, 5_000)
    expect([999, 1_000, 4_999, 5_000].map((at) => isEarly(figures, 0, at))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('do not hold what was under way when the first refusal came, also when more refusals follow', () => {
    const figures = start()
    askToWait(figures, 0, 1_000, 5_000)
    askToWait(figures, 0, 1_010, 5_010)
    expect(isEarly(figures, 0, 990)).toBe(false)
    expect(isEarly(figures, 0, 1_005)).toBe(true)
  })

  it('begin anew with a refusal after the wait was over', () => {
    const figures = start()
    askToWait(figures, 0, 1_000, 5_000)
    askToWait(figures, 0, 8_000, 9_000)
    expect(isEarly(figures, 0, 4_000)).toBe(false)
    expect(isEarly(figures, 0, 8_500)).toBe(true)
  })

  it('keep the longest wait when panes are merged, in any order', () => {
    const earlier = start()
    askToWait(earlier, 0, 1_000, 5_000)
    const later = start()
    askToWait(later, 0, 3_000, 9_000)
    for (const panes of [
      [earlier, later],
      [later, earlier],
    ]) {
      const merged = start()
      for (const pane of panes) mergeFigure('earlyRetries', merged, 0, pane, 0)
      expect([...merged]).toEqual([0, 3_000, 9_000])
    }
  })
})
