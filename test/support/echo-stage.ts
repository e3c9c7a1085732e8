/** A stage that says everything once more under the same key, on another topic. */
import type { Source, Stage } from '../../src/engine/logic.ts'

export function echoStage(sources: readonly Source[], topic: string): Stage {
  return {
    name: 'echo',
    sources,
    outputs: [topic],
    setsAside: true,
    transform: (records) =>
      Promise.resolve(
        records.map(({ key, value }) => ({
          outcome: 'outputs' as const,
          outputs: [{ topic, key: String(key), value, headers: {} }],
        })),
      ),
  }
}
