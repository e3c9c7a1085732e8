import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { describeStateStore } from '../conformance/state-store.ts'

describeStateStore('the state store in memory', () => Promise.resolve(new MemoryStateStore()))
