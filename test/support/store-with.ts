/** A store with some of its calls made otherwise: held back, counted, broken. */
import type { StateStore } from '../../src/engine/state-store.ts'

export function storeWith(store: StateStore, otherwise: Partial<StateStore>): StateStore {
  return {
    acquire: (...all) => store.acquire(...all),
    meta: (...all) => store.meta(...all),
    load: (...all) => store.load(...all),
    timers: (...all) => store.timers(...all),
    size: (...all) => store.size(...all),
    scan: (...all) => store.scan(...all),
    commit: (...all) => store.commit(...all),
    verify: () => store.verify(),
    close: () => store.close(),
    ...otherwise,
  }
}
