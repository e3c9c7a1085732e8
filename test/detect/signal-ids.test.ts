import { describe, expect, it } from 'vitest'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { accountActor, actorPath, type Actor } from '../../src/domain/actor.ts'
import { uuidV5 } from '../../src/domain/ids.ts'
import { keyedId, RUN_HASH_KEY } from '../chaos/verifier/ids.ts'
import { detector, Drive, START_MS, topologyOf } from './harness.ts'

const keyed = (secret: string) => signalIds({ id: 'k1', secret: Buffer.from(secret) })
const ACTOR = accountActor('acct-1')

describe('the id of a signal', () => {
  it('is a keyed hash of detector, actor, episode and trial, worked out by other code', () => {
    const id = keyed(RUN_HASH_KEY)
    expect(id('some.detector', ACTOR, 7, false)).toBe(
      keyedId('signal', 'some.detector', actorPath(ACTOR), 7, 'live'),
    )
    expect(id('some.detector', ACTOR, 7, true)).toBe(
      keyedId('signal', 'some.detector', actorPath(ACTOR), 7, 'shadow'),
    )
  })

  it('is of its actor alone: others may have a key or an end user of the same name', () => {
    const id = keyed(RUN_HASH_KEY)
    const actors: readonly Actor[] = [
      { accountId: 'acct-1', level: 'key', id: 'one' },
      { accountId: 'acct-2', level: 'key', id: 'one' },
      { accountId: 'acct-1', level: 'endUser', id: 'one' },
    ]
    expect(new Set(actors.map((actor) => id('some.detector', actor, 7, false))).size).toBe(3)
  })

  it('is found by nobody who tries detectors without the key (P9)', () => {
    const topology = topologyOf(`
features: { requests_1h: { count: usage, window: 1h } }
detectors:
${detector('test.volume', 'requests_1h >= 1', 'once: 1h, evidence: [requests_1h]')}
`)
    const [signal] = new Drive(topology).usage(START_MS).signals
    if (signal === undefined) throw new Error('no signal')
    const { detectorId, actor, episode } = signal
    expect(signal.id).not.toBe(uuidV5('signal', detectorId, actorPath(actor), episode, 'live'))
    expect(signal.id).not.toBe(keyed('a key that was guessed')(detectorId, actor, episode, false))
  })
})
