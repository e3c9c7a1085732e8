/** One key's whole state: facts, and windows by pane length; and how it lies in the store. */
import type { Slot, StateCodec } from '../engine/logic.ts'
import { ByteWriter } from '../windows/bytes.ts'
import type { FeaturePlan, PaneClass } from './feature-plan.ts'
import { Facts } from './facts.ts'
import { KeyWindows } from './key-windows.ts'
import { Pane } from './pane.ts'

export interface KeyState {
  readonly facts: Facts
  /** By class index. */
  readonly windows: readonly KeyWindows[]
}

const FACTS: Slot = { name: 'facts', expiresAtMs: null }
const RECENT: Slot = { name: 'recent', expiresAtMs: null }

/** Windows are dropped once stream time has passed them by their length and the allowed lateness. */
export function keyStateCodec(plan: FeaturePlan): StateCodec<KeyState> {
  const writer = new ByteWriter()
  return {
    create: () => createKeyState(plan),
    decode: (_key, cells) => decodeKeyState(plan, cells),
    changes: (state, write) => {
      for (const [at, windows] of state.windows.entries()) {
        const paneClass = plan.classes[at]
        if (paneClass === undefined) continue
        windows.changes(writer, (pane, cell) => write(paneSlot(plan, paneClass, pane), cell))
      }
      writeFacts(state.facts, write)
    },
    sizeBytes: (state) => state.windows.reduce((sum, windows) => sum + windows.bytes, state.facts.bytes),
  }
}

function createKeyState(plan: FeaturePlan): KeyState {
  return { facts: new Facts(), windows: plan.classes.map((paneClass) => new KeyWindows(plan, paneClass)) }
}

function decodeKeyState(plan: FeaturePlan, cells: ReadonlyMap<string, Buffer>): KeyState {
  const state = createKeyState(plan)
  for (const [slot, cell] of cells) {
    if (slot === FACTS.name) state.facts.restore(cell)
    else if (slot === RECENT.name) state.facts.restoreRecent(cell)
    else restorePane(plan, state, slot, cell)
  }
  return state
}

/** Cells of a layout that is no longer in use are left to expire. */
function restorePane(plan: FeaturePlan, state: KeyState, slot: string, cell: Buffer): void {
  const colon = slot.lastIndexOf(':')
  const paneClass = plan.classes.find((one) => one.label === slot.slice(0, colon))
  if (paneClass === undefined) return
  state.windows[paneClass.index]?.restore(Pane.decode(Number(slot.slice(colon + 1)), paneClass, cell))
}

function paneSlot(plan: FeaturePlan, paneClass: PaneClass, pane: number): Slot {
  const reachMs = paneClass.paneMs * paneClass.maxPanes + plan.latenessMs
  return { name: `${paneClass.label}:${pane}`, expiresAtMs: (pane + 1) * paneClass.paneMs + reachMs }
}

function writeFacts(facts: Facts, write: (slot: Slot, cell: Buffer) => void): void {
  if (facts.dirty) write(FACTS, facts.encode())
  if (facts.recentDirty) write(RECENT, facts.encodeRecent())
  facts.dirty = false
  facts.recentDirty = false
}
