/** The topologies that keep state, as far as their state and topics go: no registry is asked, nothing is run. */
import { createCodec } from '../../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../codec/registry.ts'
import { loadFlows } from '../../codec/schema-files.ts'
import { NO_JITTER } from '../../detect/jitter.ts'
import { signalIds } from '../../detect/signal-ids.ts'
import { ListBoard } from '../../detect/list-board.ts'
import { PoolBoard } from '../../detect/pool-board.ts'
import { systemClock } from '../../domain/clock.ts'
import { NO_GAP_WATCH } from '../../detect/usage-logic.ts'
import { NO_DELAY } from '../../enforce/delay.ts'
import { Switches } from '../../enforce/switches.ts'
import { RefusedError } from '../../engine/errors.ts'
import type { Source } from '../../engine/logic.ts'
import type { Settings } from '../../service/settings.ts'
import { loadBundle, topologyOf } from './bundle.ts'
import { capacityTopology } from './capacity.ts'
import { enforcementTopology } from './enforcement.ts'
import { hashKeyOf, sanctionIdsOf } from './hash-key.ts'
import { trustedWords } from './signed-words.ts'
import { usageTopology } from './usage.ts'

export interface StatefulTopology {
  readonly topology: string
  readonly stateVersion: number
  readonly sources: readonly string[]
  readonly outputs: readonly string[]
}

const NAMES = ['capacity', 'usage', 'enforcement'] as const

/** Throws RefusedError for a name that keeps no state. */
export function statefulTopology(name: string, settings: Settings): StatefulTopology {
  const known = NAMES.find((one) => one === name)
  if (known === undefined) throw new RefusedError(`${name} keeps no state. These do: ${NAMES.join(', ')}.`)
  const { stateVersion, sources, outputs } = shapeOf(known, settings)
  return { topology: name, stateVersion, sources: sources.map(({ topic }) => topic), outputs }
}

interface Shape {
  readonly stateVersion: number
  readonly sources: readonly Source[]
  readonly outputs: readonly string[]
}

function shapeOf(name: (typeof NAMES)[number], settings: Settings): Shape {
  const flows = loadFlows({}, settings.schemasFolder)
  const bundle = loadBundle(settings.topologiesFolder)
  const source = new RegistryClient({
    baseUrl: settings.registryUrl,
    clock: systemClock,
    ...REGISTRY_DEFAULTS,
  })
  const wiring = { table: flows.table, codec: createCodec({ schemas: flows.schemas, source }), edition: 0 }
  const nothing = (): void => undefined
  switch (name) {
    case 'capacity':
      return capacityTopology({ ...wiring, compiled: topologyOf(bundle, name) })
    case 'usage':
      return usageTopology({
        ...wiring,
        compiled: topologyOf(bundle, name),
        policyVersion: bundle.policy.version,
        bundleSha256: bundle.sha256,
        board: new PoolBoard(),
        lists: new ListBoard(),
        weeklyHash: NO_JITTER,
        signalId: signalIds(hashKeyOf(settings)),
        onSignal: nothing,
        onDetectorOff: nothing,
        gaps: NO_GAP_WATCH,
      })
    case 'enforcement':
      return enforcementTopology({
        ...wiring,
        policy: bundle.policy,
        words: trustedWords,
        switches: new Switches(),
        sanctionIds: sanctionIdsOf(settings),
        delayShare: NO_DELAY,
        observer: { counted: nothing, issued: nothing },
      })
  }
}
