import { describe, expect, it } from 'vitest'
import { serverProblems } from '../../src/state/redis/server-problems.ts'

function info(facts: Readonly<Record<string, string>>): string {
  const good = { redis_version: '7.0.15', aof_enabled: '1', maxmemory_policy: 'noeviction' }
  const lines = Object.entries({ ...good, ...facts }).map(([name, value]) => `${name}:${value}`)
  return ['# Server', ...lines, ''].join('\r\n')
}

describe('a Redis that is to hold state', () => {
  it('is fit with an append-only file and without eviction', () => {
    expect(serverProblems(info({}))).toEqual([])
  })

  it.each([
    [{ aof_enabled: '0' }, /append-only file; set `appendonly yes`/],
    [
      { maxmemory_policy: 'allkeys-lru' },
      /allkeys-lru, which evicts keys; set `maxmemory-policy noeviction`/,
    ],
    [{ redis_version: '6.2.14' }, /version 6.2.14, 7 or newer/],
  ])('is unfit with %j', (facts, problem) => {
    const problems = serverProblems(info(facts))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  it('is unfit when it does not say what it is', () => {
    expect(serverProblems('')).toHaveLength(3)
  })
})
