/**
 * Values as small integers. What is hashed here are mostly keyed hashes already, so nobody can aim at collisions.
 *
 * Source: Austin Appleby, MurmurHash3, 32-bit finaliser over a multiply-xor walk.
 */

import { unitAt } from '../domain/unit-at.ts'

/**
 * 31 bits: V8 keeps such integers in place, so that lists and maps of them stay compact. n distinct values lose
 * n²/2^32 to collisions in expectation (1,000 values: 0.0002).
 */
export function hash31(text: string): number {
  return walk(text, 0x9747b28c) >>> 1
}

/** 47 bits, for ids where a collision loses an event: one in 10^14 pairs. */
export function hash47(text: string): number {
  return (walk(text, 0x9747b28c) >>> 1) * 65_536 + (walk(text, 0x1b873593) >>> 16)
}

/** 31 bits of a number, as of `hash31`. */
export function hashNumber31(value: number): number {
  const high = Math.floor(value / 4_294_967_296)
  return mix32((value | 0) ^ mix32(high) ^ mix32(Math.round((value % 1) * 1_048_576))) >>> 1
}

/** The finaliser: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function walk(text: string, seed: number): number {
  const { length } = text
  let hash = seed ^ length
  for (let at = 0; at < length; at++) {
    hash = Math.imul(hash ^ unitAt(text, at), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return mix32(hash)
}
