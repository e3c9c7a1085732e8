/** Whom a canary covers: its share of accounts, always the same ones, and others than the next canary. */
import { expect, it } from 'vitest'
import { effectiveMode } from '../../src/detect/finding.ts'
import { detector, topologyOf } from './harness.ts'

const more = 'mode: canary, canaryShare: 0.3, once: 1h, evidence: [requests_1h]'
const { detectors } = topologyOf(`
features: { requests_1h: { count: usage, window: 1h } }
detectors:
${detector('test.one', 'requests_1h > 1', more)}
${detector('test.other', 'requests_1h > 1', more)}
`)

it('is its share of accounts, each canary’s own, and the rest see a trial', () => {
  const accounts = Array.from({ length: 4_000 }, (_, at) => `acct-${at}`)
  const [one = [], other = []] = detectors.map((canary) =>
    accounts.filter((account) => effectiveMode(canary, account) === 'canary'),
  )
  for (const covered of [one, other])
    expect(Math.abs(covered.length / accounts.length - 0.3)).toBeLessThan(0.05)
  const both = one.filter((account) => other.includes(account)).length
  expect(Math.abs(both / accounts.length - 0.09)).toBeLessThan(0.03)
})
