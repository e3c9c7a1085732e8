/**
 * One key's whole state: facts, and windows by pane length; and how it lies in the store.
 *
 * Undated: the account, told episodes, judgements that wait (`facts`). Dated: panes (`5m.LAYOUT:NUMBER`), event
 * ids (`recent:HOUR`); they leave the store when stream time has passed all that could read them.
 */
import { parseDuration } from '../domain/duration.ts'
import type { Slot, StateCodec } from '../engine/logic.ts'
import { ByteWriter } from '../windows/bytes.ts'
import type { FeaturePlan, PaneClass } from './feature-plan.ts'
import { Facts, recentExpiryMs } from './facts.ts'
import { KeyWindows } from './key-windows.ts'
import { MovingWindows } from './moving-windows.ts'
import { Pane } from './pane.ts'

export interface KeyState {
  readonly facts: Facts
  /** By class index. */
  readonly windows: readonly KeyWindows[]
  /** Sliding windows and sessions; null where the topology has none. */
  readonly moving: MovingWindows | null
}

const FACTS: Slot = { name: 'facts', expiresAtMs: null }
const RECENT = 'recent'

export function keyStateCodec(plan: FeaturePlan): StateCodec<KeyState> {
  const writer = new ByteWriter()
  return {
    create: () => createKeyState(plan),
    decode: (_key, cells) => decodeKeyState(plan, cells),
    changes: (state, write) => {
      for (const paneClass of plan.classes) {
        state.windows[paneClass.index]?.changes(writer, (pane, cell) =>
          write(paneSlot(paneClass, pane), cell),
        )
      }
      state.moving?.changes(writer, write)
      writeFacts(state.facts, write)
    },
    sizeBytes: ({ facts, windows, moving }) =>
      windows.reduce((sum, one) => sum + one.bytes, facts.bytes + (moving?.bytes ?? 0)),
  }
}

/** Lets go of what has left the store; called before a state is read or changed. */
export function dropExpired(state: KeyState, streamTimeMs: number): void {
  for (const windows of state.windows) windows.dropExpired(streamTimeMs)
  state.moving?.dropExpired(streamTimeMs)
  state.facts.dropExpired(streamTimeMs)
}

function createKeyState(plan: FeaturePlan): KeyState {
  const windows = plan.classes.map((paneClass) => new KeyWindows(plan, paneClass))
  return { facts: new Facts(), windows, moving: plan.moving === null ? null : new MovingWindows(plan.moving) }
}

function decodeKeyState(plan: FeaturePlan, cells: ReadonlyMap<string, Buffer>): KeyState {
  const state = createKeyState(plan)
  for (const [slot, cell] of [...cells].sort(bySlotNumber)) {
    const [label = '', number = 0] = parseSlot(slot)
    if (slot === FACTS.name) state.facts.restore(cell)
    else if (label === RECENT) state.facts.restoreRecent(number, cell)
    else if (state.moving?.restore(label, number, cell) !== true)
      restorePane(plan, state, label, number, cell)
  }
  return state
}

function restorePane(plan: FeaturePlan, state: KeyState, label: string, number: number, cell: Buffer): void {
  const paneClass = plan.classes.find((one) => one.label === label)
  if (paneClass === undefined) return noteOtherLayout(plan, state, label, number)
  state.windows[paneClass.index]?.restore(Pane.decode(number, plan, paneClass, cell))
}

/**
 * A pane of a layout that is no longer in use: until the windows of that pane length have passed it, they are
 * cold, not empty; all windows are, where no feature has that pane length any more.
 */
function noteOtherLayout(plan: FeaturePlan, state: KeyState, label: string, number: number): void {
  const paneMs = parseDuration(label.slice(0, label.indexOf('.'))) ?? 0
  const same = plan.classes.filter((one) => one.paneMs === paneMs)
  for (const { index } of same.length > 0 ? same : plan.classes) {
    state.windows[index]?.coldUntil((number + 1) * paneMs)
  }
}

function bySlotNumber([a]: [string, Buffer], [b]: [string, Buffer]): number {
  return parseSlot(a)[1] - parseSlot(b)[1]
}

function parseSlot(slot: string): readonly [string, number] {
  const colon = slot.lastIndexOf(':')
  return colon < 0 ? [slot, 0] : [slot.slice(0, colon), Number(slot.slice(colon + 1))]
}

function paneSlot({ label, paneMs, reachMs }: PaneClass, pane: number): Slot {
  return { name: `${label}:${pane}`, expiresAtMs: (pane + 1) * paneMs + reachMs }
}

function writeFacts(facts: Facts, write: (slot: Slot, cell: Buffer) => void): void {
  if (facts.dirty) write(FACTS, facts.encode())
  facts.dirty = false
  facts.recentChanges((hour, cell) =>
    write({ name: `${RECENT}:${hour}`, expiresAtMs: recentExpiryMs(hour) }, cell),
  )
}
