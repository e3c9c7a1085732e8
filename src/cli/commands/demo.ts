/**
 * `bailiff demo`: a simulated platform through the whole pipeline in this process. Progress while it runs, a table
 * at the end; with `--json` the sanctions as JSON lines and nothing else on standard output.
 */
import { loadFlows } from '../../codec/schema-files.ts'
import { createPlatform, type Platform } from '../../simulate/platform.ts'
import { loadBundle } from '../compose/bundle.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import { openClassifier } from '../compose/open-classifier.ts'
import type { CommandContext } from '../context.ts'
import { runDemo, type DemoListener } from '../demo-run.ts'
import { actOf, DemoStory, formatMinutes, reasons } from '../demo-story.ts'
import { CommandError, EXIT } from '../exit.ts'
import { pause } from '../pause.ts'

export interface DemoOptions {
  readonly seed: number
  /** Event time over wall time; null for as fast as it goes. */
  readonly speed: number | null
  readonly json: boolean
}

/** A Monday morning under the policy in force, always the same: a seed repeats a run exactly. */
export const DEMO_START_MS = Date.UTC(2026, 5, 1, 9, 30)

export async function demo(context: CommandContext, options: DemoOptions): Promise<number> {
  const { settings } = context
  if (options.speed !== null && !(options.speed > 0))
    throw new CommandError('--speed must be above 0', EXIT.usage)
  const hashKey = hashKeyOf(settings)
  const classifier = await openClassifier({
    bundleFolder: settings.modelFolder,
    hashKey,
    scoring: settings.scoring,
  })
  try {
    const platform = createPlatform({ seed: options.seed, startMs: DEMO_START_MS })
    const parts = {
      flows: loadFlows({}, settings.schemasFolder),
      bundle: loadBundle(settings.topologiesFolder),
      classifier,
      hashKey,
    }
    const story = new DemoStory(platform.truth)
    const startedMs = performance.now()
    introduce(context, options, platform)
    const events = await runDemo(platform, parts, story, new DemoScreen(context, options, story, startedMs))
    if (!options.json) conclude(context, platform, story, events, performance.now() - startedMs)
    return EXIT.ok
  } finally {
    await classifier.close()
  }
}

function introduce({ stderr }: CommandContext, { seed }: DemoOptions, platform: Platform): void {
  const { accounts, truth, lookAlikes } = platform
  stderr.line(
    `${accounts.length} accounts, ${truth.length} of them abusers, ${lookAlikes.length} honest ones that look like it; ` +
      `one hour of traffic, seed ${seed}`,
  )
}

function conclude(
  { stdout }: CommandContext,
  platform: Platform,
  story: DemoStory,
  events: number,
  tookMs: number,
): void {
  stdout.line('')
  story.tell(stdout, platform.accounts.length - platform.truth.length)
  const rate = Math.round(events / (tookMs / 1000))
  stdout.line(`${events} events in ${(tookMs / 1000).toFixed(1)} s: ${rate} events/s through every topology.`)
}

class DemoScreen implements DemoListener {
  readonly #context: CommandContext
  readonly #options: DemoOptions
  readonly #story: DemoStory
  readonly #startedMs: number

  constructor(context: CommandContext, options: DemoOptions, story: DemoStory, startedMs: number) {
    this.#context = context
    this.#options = options
    this.#story = story
    this.#startedMs = startedMs
  }

  signal(signal: Parameters<DemoListener['signal']>[0]): void {
    const { stderr } = this.#context
    const at = this.#at(signal.occurredAtMs)
    stderr.line(
      `${at}  ${stderr.paint('yellow', 'signal  ')}  ${signal.actor.accountId}  ${signal.detectorId}: ${reasons(signal)}`,
    )
  }

  sanction(sanction: Parameters<DemoListener['sanction']>[0]): void {
    if (this.#options.json) return this.#context.print(JSON.stringify(sanction))
    const { stderr } = this.#context
    const at = this.#at(sanction.effectiveAtMs)
    stderr.line(
      `${at}  ${stderr.paint('red', 'sanction')}  ${sanction.accountId}  ${actOf(sanction)}, ${sanction.clause}`,
    )
  }

  async progress(events: number, nowMs: number): Promise<void> {
    const tookMs = performance.now() - this.#startedMs
    const rate = Math.round(events / (tookMs / 1000))
    const { stderr } = this.#context
    stderr.status(
      `${this.#at(nowMs)}  ${events} events, ${rate}/s, ${this.#story.signals} signals, ${this.#story.sanctions.length} sanctions`,
    )
    await this.#keepPace(nowMs - DEMO_START_MS, tookMs)
  }

  async #keepPace(eventMs: number, tookMs: number): Promise<void> {
    if (this.#options.speed === null) return
    const aheadMs = eventMs / this.#options.speed - tookMs
    if (aheadMs > 0) await pause(aheadMs)
  }

  #at(timeMs: number): string {
    return formatMinutes(timeMs - DEMO_START_MS).padStart(7)
  }
}
