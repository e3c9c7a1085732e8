/** What sliding windows and sessions take in memory and in the store: bounded by configuration, not by traffic (P7). */
import { expect, it } from 'vitest'
import { Drive, START_MS, topologyOf } from './harness.ts'

const FIGURES = [
  'distinct: usage.clientAddressHash, exactLimit: 50',
  'topShare: usage.clientAddressHash, exactLimit: 50',
  'entropy: usage.clientAddressHash, exactLimit: 50',
  'quantile: usage.outputTokens, share: 0.5, exactLimit: 50',
  'regularity: usage',
]

function topologyWith(window: string) {
  const features = FIGURES.map((figure, at) => `  f${at}: { ${figure}, by: keyId, ${window} }\n`)
  return { ...topologyOf(`features:\n${features.join('')}`), maxSubKeys: 3 }
}

it.each(['sliding: 10s', 'session: 10s'])('%s: takes no more for ten times as many events', (window) => {
  const drive = new Drive(topologyWith(window), { dropRepeats: false })
  let made = 0
  const grow = (events: number): readonly number[] => {
    for (let n = 0; n < events; n++, made++) {
      const more = { keyId: `key-${made % 11}`, clientAddressHash: `a${made}`, outputTokens: made % 5_000 }
      drive.usage(START_MS + made * 3, more)
    }
    drive.state.use(drive.streamTimeMs)
    drive.commit()
    return [drive.state.bytes, drive.slots.length]
  }
  const [bytes = NaN, slots = NaN] = grow(20_000)
  const [later = NaN, laterSlots = NaN] = grow(40_000)
  expect(later).toBeGreaterThan(10_000)
  expect(later).toBeLessThan(bytes * 1.5)
  expect(laterSlots).toBeLessThanOrEqual(slots + 5)
  // Alone, a sketch of different values is 4 KiB, and a session or pane has one for each sub-key at most.
  expect(later).toBeLessThan(FIGURES.length * 3 * 40 * 5_000)
})

it('what is held of a window that was read is weighed, and let go with its panes', () => {
  const topology = topologyOf('features:\n  addresses: { distinct: usage.clientAddressHash, sliding: 10s }\n')
  const drive = new Drive(topology, { dropRepeats: false })
  for (let n = 0; n < 200; n++) drive.usage(START_MS + n, { clientAddressHash: `a${n}` })
  const before = drive.state.bytes
  expect(drive.state.moving?.value(0, null, START_MS + 200, false)).toBe(200)
  expect(drive.state.bytes).toBeGreaterThan(before + 200 * 40)
  drive.usage(START_MS + 600_000)
  expect(drive.state.bytes).toBeLessThan(before / 2)
  expect(drive.state.moving?.value(0, null, START_MS + 600_000, false)).toBe(1)
})
