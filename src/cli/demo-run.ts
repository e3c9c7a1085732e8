/** The demo's platform through the embedded pipeline, stretch by stretch; what comes out goes to the story. */
import type { Classifier } from '../classify/classifier.ts'
import type { Flows } from '../codec/schema-files.ts'
import type { Sanction } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'
import type { Platform } from '../simulate/platform.ts'
import type { Bundle } from './compose/bundle.ts'
import { EmbeddedPlatform } from './compose/embedded-platform.ts'
import { noticeOf } from '../simulate/notice.ts'
import type { DemoStory } from './demo-story.ts'

export interface DemoParts {
  readonly flows: Flows
  readonly bundle: Bundle
  readonly classifier: Classifier | null
  readonly hashKey: { readonly id: string; readonly secret: Uint8Array }
}

/** What is told while the demo runs. */
export interface DemoListener {
  signal(signal: Signal): void
  sanction(sanction: Sanction): void
  /** After each stretch; may wait, to keep a pace. */
  progress(events: number, nowMs: number): Promise<void>
}

/** Events are worked off in stretches of this much event time. */
const STRETCH_MS = 5_000
/** The account service delivers a notice this long after it was issued. */
const SETTLE_MS = 60_000

export async function runDemo(
  platform: Platform,
  parts: DemoParts,
  story: DemoStory,
  listener: DemoListener,
): Promise<number> {
  const { startMs } = platform.options
  const embedded = await EmbeddedPlatform.start({ ...parts, startMs })
  let [nowMs, events] = [startMs, 0]
  const stretch = async (): Promise<void> => {
    nowMs += STRETCH_MS
    await embedded.advance(nowMs)
    await hearAll(embedded, story, listener, nowMs)
    await listener.progress(events, nowMs)
  }
  for (const event of platform.events()) {
    while (event.appendTimeMs >= nowMs + STRETCH_MS) await stretch()
    embedded.append(event.topic, event.value, event.appendTimeMs, event.key)
    events++
  }
  for (const endMs = nowMs + SETTLE_MS; nowMs < endMs;) await stretch()
  await embedded.stop()
  return events
}

async function hearAll(
  embedded: EmbeddedPlatform,
  story: DemoStory,
  listener: DemoListener,
  nowMs: number,
): Promise<void> {
  for (const signal of await embedded.taken('abuse.signals.v1')) {
    story.hear(signal)
    listener.signal(signal)
  }
  for (const sanction of await embedded.taken('abuse.sanctions.v1')) {
    story.see(sanction)
    listener.sanction(sanction)
    embedded.append('accounts.events.v1', noticeOf(sanction, nowMs), nowMs)
  }
  for (const review of await embedded.taken('abuse.reviews.v1')) story.review(review.accountId, review.reason)
}
