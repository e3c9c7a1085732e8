/**
 * The closures of the operators, one small function for each, so that each can be made fast by itself.
 *
 * O1. Total: none throws on any scope; division by zero is unknown.
 * O2. Three-valued, with NaN as unknown: false wins over unknown in `&&`, true in `||`; a comparison with unknown,
 *     `!unknown` and a choice by an unknown condition are unknown.
 */
import type { Expression } from './model.ts'

/** A text of a scope; null is unknown. */
export type Text<S> = (scope: S) => string | null

export function constant<S>(value: number): Expression<S> {
  return () => value
}

export function and<S>(a: Expression<S>, b: Expression<S>): Expression<S> {
  return (scope) => {
    const left = a(scope)
    if (left === 0) return 0
    const right = b(scope)
    return right === 0 ? 0 : left * right
  }
}

export function or<S>(a: Expression<S>, b: Expression<S>): Expression<S> {
  return (scope) => {
    const left = a(scope)
    if (left === 1) return 1
    const right = b(scope)
    return right === 1 ? 1 : left + right
  }
}

export function not<S>(a: Expression<S>): Expression<S> {
  return (scope) => 1 - a(scope)
}

export function negative<S>(a: Expression<S>): Expression<S> {
  return (scope) => -a(scope)
}

export function choice<S>(asked: Expression<S>, yes: Expression<S>, no: Expression<S>): Expression<S> {
  return (scope) => {
    const answer = asked(scope)
    return answer === 1 ? yes(scope) : answer === 0 ? no(scope) : NaN
  }
}

type Binary = <S>(a: Expression<S>, b: Expression<S>) => Expression<S>

const less: Binary = (a, b) => (scope) => {
  const left = a(scope)
  const right = b(scope)
  return left < right ? 1 : left >= right ? 0 : NaN
}

const atMost: Binary = (a, b) => (scope) => {
  const left = a(scope)
  const right = b(scope)
  return left <= right ? 1 : left > right ? 0 : NaN
}

const equal: Binary = (a, b) => (scope) => {
  const left = a(scope)
  const right = b(scope)
  return left === right ? 1 : left < right || left > right ? 0 : NaN
}

export const COMPARISONS: Readonly<Record<string, Binary>> = {
  '<': less,
  '<=': atMost,
  '>': (a, b) => less(b, a),
  '>=': (a, b) => atMost(b, a),
  '==': equal,
  '!=': (a, b) => not(equal(a, b)),
}

export const ARITHMETIC: Readonly<Record<string, Binary>> = {
  '+': (a, b) => (scope) => a(scope) + b(scope),
  '-': (a, b) => (scope) => a(scope) - b(scope),
  '*': (a, b) => (scope) => a(scope) * b(scope),
  '/': (a, b) => (scope) => {
    const divisor = b(scope)
    return divisor === 0 ? NaN : a(scope) / divisor
  },
}

export function sameText<S>(a: Text<S>, b: Text<S>): Expression<S> {
  return (scope) => {
    const left = a(scope)
    const right = b(scope)
    return left === null || right === null ? NaN : left === right ? 1 : 0
  }
}

export function textAmong<S>(a: Text<S>, texts: readonly string[]): Expression<S> {
  const among = new Set(texts)
  return (scope) => {
    const text = a(scope)
    return text === null ? NaN : among.has(text) ? 1 : 0
  }
}

export function numberAmong<S>(a: Expression<S>, numbers: readonly number[]): Expression<S> {
  const among = new Set(numbers)
  return (scope) => {
    const number = a(scope)
    return Number.isNaN(number) ? NaN : among.has(number) ? 1 : 0
  }
}
