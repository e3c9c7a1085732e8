/** The demo, as its command runs it, without a screen. */
import { createClassifier } from '../../src/classify/classifier.ts'
import { DEMO_START_MS } from '../../src/cli/commands/demo.ts'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { runDemo } from '../../src/cli/demo-run.ts'
import { DemoStory } from '../../src/cli/demo-story.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { createPlatform } from '../../src/simulate/platform.ts'

const hashKey = { id: 'test', secret: Buffer.from('a key for the demo in tests') }

export interface DemoResult {
  readonly story: DemoStory
  readonly events: number
  readonly accounts: number
}

/** One hour of the demo's platform under the seed. */
export async function demoOf(seed: number): Promise<DemoResult> {
  const classifier = await createClassifier({ bundleFolder: 'models/default', hashKey })
  try {
    const platform = createPlatform({ seed, startMs: DEMO_START_MS })
    const story = new DemoStory(platform.truth)
    const parts = { flows: loadFlows(), bundle: loadBundle('topologies'), classifier, hashKey }
    const silent = { signal: () => undefined, sanction: () => undefined, progress: () => Promise.resolve() }
    const events = await runDemo(platform, parts, story, silent)
    return { story, events, accounts: platform.accounts.length }
  } finally {
    await classifier.close()
  }
}
