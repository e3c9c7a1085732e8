/** The functions of the language. All total (O1 of `operators.ts`): unknown in, unknown out. */
import type { CelFunction } from './cel.ts'
import type { Expression } from './model.ts'

export interface Call extends CelFunction {
  /** The closure of a call with these arguments; exactly as many as there are parameters. */
  readonly bind: <S>(args: readonly Expression<S>[]) => Expression<S>
  /** Whether the result has the unit of the arguments; otherwise it is a ratio. */
  readonly keepsUnit: boolean
}

/** 0 to 1, a half at the midpoint; a scale of zero is no scale. */
function logistic(x: number, midpoint: number, scale: number): number {
  return scale === 0 ? NaN : 1 / (1 + Math.exp(-(x - midpoint) / scale))
}

const unknown = (): number => NaN

export const CALLS: readonly Call[] = [
  {
    name: 'logistic',
    parameters: ['x', 'midpoint', 'scale'],
    keepsUnit: false,
    compute: (x = NaN, midpoint = NaN, scale = NaN) => logistic(x, midpoint, scale),
    bind: ([x = unknown, midpoint = unknown, scale = unknown]) => {
      return (scope) => logistic(x(scope), midpoint(scope), scale(scope))
    },
  },
  pair('min', Math.min),
  pair('max', Math.max),
  {
    name: 'abs',
    parameters: ['x'],
    keepsUnit: true,
    compute: (x = NaN) => Math.abs(x),
    bind: ([x = unknown]) => {
      return (scope) => Math.abs(x(scope))
    },
  },
]

function pair(name: string, compute: (a: number, b: number) => number): Call {
  return {
    name,
    parameters: ['a', 'b'],
    keepsUnit: true,
    compute: (a = NaN, b = NaN) => compute(a, b),
    bind: ([a = unknown, b = unknown]) => {
      return (scope) => compute(a(scope), b(scope))
    },
  }
}
