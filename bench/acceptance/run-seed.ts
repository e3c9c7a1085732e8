/**
 * One seed through the engine, in a process of its own: the world's events as usage records, verdicts, telemetry and
 * account events through `capacity`, `usage` and `enforcement` in memory, as `bailiff demo` does it.
 *
 * Simpler than the real way: responses become usage records by the meter's own function, without its topology; verdicts
 * have the true hashes of templates and slots and no scores, so that no detector of content can fire; time moves by
 * two minutes; notices are delivered half a minute after an act; and nothing that is decided reaches the simulated gateway.
 */
import { cpuUsage } from 'node:process'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { Fingerprinter, shortDigest } from '../../src/classify/fingerprint.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import type { AccountEvent } from '../../src/domain/account.ts'
import type { InferenceRequest } from '../../src/domain/inference.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import { Meter } from '../../src/meter/meter.ts'
import { DAY_MS } from '../../src/simulate/acceptance/act.ts'
import { createWorld } from '../../src/simulate/acceptance/world.ts'
import type { SimulatedEvent } from '../../src/simulate/simulated-event.ts'
import { Ledger } from './ledger.ts'
import type { SeedOutcome, SeedTask } from './outcome.ts'

/** A Monday under the policy in force. */
export const START_MS = Date.UTC(2026, 5, 1)
const STEP_MS = 120_000
const NOTICE_DELAY_MS = 30_000
const SETTLE_MS = 10 * 60_000
const FORGET_MS = 6 * 3_600_000
const HASH_KEY = { id: 'acceptance', secret: Buffer.from('a key for the acceptance run') }
const INPUTS = [
  'inference.usage.v1',
  'inference.verdicts.v1',
  'gpu.telemetry.v1',
  'accounts.events.v1',
] as const

type Progress = (day: number, requests: number) => void

export async function runSeed(task: SeedTask, progress: Progress): Promise<SeedOutcome> {
  const { seed, days, accounts, requestsPerDay } = task
  const world = createWorld({ seed, startMs: START_MS, days, accounts, requestsPerDay })
  const ledger = new Ledger(world, START_MS)
  const run = await SeedRun.start(ledger, progress)
  for (const event of world.events()) {
    await run.moveTo(event.appendTimeMs)
    run.take(event)
  }
  await run.settle()
  const { user, system } = cpuUsage()
  return ledger.close(seed, (user + system) / 1e6)
}

class SeedRun {
  readonly #platform: EmbeddedPlatform
  readonly #ledger: Ledger
  readonly #progress: Progress
  readonly #meter = new Meter({ hashKey: HASH_KEY })
  readonly #fingerprinter = new Fingerprinter(HASH_KEY)
  #nowMs = START_MS

  private constructor(platform: EmbeddedPlatform, ledger: Ledger, progress: Progress) {
    this.#platform = platform
    this.#ledger = ledger
    this.#progress = progress
  }

  static async start(ledger: Ledger, progress: Progress): Promise<SeedRun> {
    const platform = await EmbeddedPlatform.start({
      flows: loadFlows(),
      bundle: loadBundle('topologies'),
      hashKey: HASH_KEY,
      classifier: null,
      startMs: START_MS,
      onDetectorOff: (detectorId, error) => {
        throw new Error(`${detectorId} threw`, { cause: error })
      },
    })
    return new SeedRun(platform, ledger, progress)
  }

  async moveTo(atMs: number): Promise<void> {
    while (atMs >= this.#nowMs + STEP_MS) await this.#step()
  }

  take(event: SimulatedEvent): void {
    this.#ledger.see(event)
    const { appendTimeMs, key } = event
    switch (event.topic) {
      case 'inference.requests.v1': {
        const verdict = verdictOn(event.value, this.#fingerprinter)
        if (verdict !== null) this.#platform.append('inference.verdicts.v1', verdict, appendTimeMs, key)
        return
      }
      case 'inference.responses.v1':
        return this.#platform.append(
          'inference.usage.v1',
          this.#meter.completed(event.value),
          appendTimeMs,
          key,
        )
      case 'gpu.telemetry.v1':
      case 'accounts.state.v1':
      case 'accounts.events.v1':
        return this.#platform.append(event.topic, event.value, appendTimeMs, key)
    }
  }

  async settle(): Promise<void> {
    await this.moveTo(this.#nowMs + SETTLE_MS)
    await this.#platform.stop()
  }

  async #step(): Promise<void> {
    this.#nowMs += STEP_MS
    await this.#platform.advance(this.#nowMs)
    await this.#hearAll()
    const passedMs = this.#nowMs - START_MS
    if (passedMs % FORGET_MS === 0) this.#platform.forget(INPUTS)
    if (passedMs % DAY_MS === 0) this.#progress(passedMs / DAY_MS, this.#ledger.requests)
  }

  async #hearAll(): Promise<void> {
    for (const signal of await this.#platform.taken('abuse.signals.v1')) this.#ledger.hear(signal)
    for (const review of await this.#platform.taken('abuse.reviews.v1')) this.#ledger.reviewed(review)
    for (const sanction of await this.#platform.taken('abuse.sanctions.v1')) {
      this.#ledger.sanctioned(sanction)
      this.#platform.append('accounts.events.v1', noticeOf(sanction, this.#nowMs), this.#nowMs)
    }
  }
}

/** The account service tells the customer, and says so. */
function noticeOf(sanction: Sanction, nowMs: number): AccountEvent {
  return {
    eventId: `notice-${sanction.id}`,
    accountId: sanction.accountId,
    kind: 'noticeDelivered',
    occurredAtMs: nowMs + NOTICE_DELAY_MS,
    keyId: null,
    resource: null,
    sanctionId: sanction.id,
  }
}

/** What classify would say of a prompt without having a model; null of a request without text. */
function verdictOn(request: InferenceRequest, fingerprinter: Fingerprinter): Verdict | null {
  const text = request.inputMessages?.[0]?.text ?? null
  if (text === null) return null
  return {
    eventId: request.eventId,
    requestId: request.requestId,
    accountId: request.accountId,
    keyId: request.keyId,
    projectId: request.projectId,
    endUserId: request.endUserId,
    conversationId: request.conversationId,
    operationName: request.operationName,
    model: request.requestModel,
    poolId: request.poolId,
    occurredAtMs: request.requestedAtMs,
    side: 'prompt',
    role: 'user',
    task: 'generate',
    outcome: 'asked',
    segment: 0,
    scored: false,
    scores: [],
    disguises: [],
    opaque: false,
    containsCode: false,
    mentions: null,
    characters: text.length,
    contentDigest: shortDigest(fingerprinter.digest(text)),
    ...fingerprinter.template(text),
    simHash: null,
    media: null,
    hashKeyId: fingerprinter.keyId,
    modelId: 'none',
    modelVersion: '0',
  }
}
