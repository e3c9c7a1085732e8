/**
 * Keeps account of one seed: who asked how much on which day, and what was found of whom and when.
 *
 * An abuser's throughput is what the platform served it: nothing that Bailiff decides reaches the simulated gateway.
 */
import type { InferenceResponse } from '../../src/domain/inference.ts'
import type { ReviewCase } from '../../src/domain/case.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import type { Signal } from '../../src/domain/signal.ts'
import { DAY_MS } from '../../src/simulate/acceptance/act.ts'
import type { AcceptanceTruth, World } from '../../src/simulate/acceptance/world.ts'
import type { SimulatedEvent } from '../../src/simulate/simulated-event.ts'
import type { Found, SeedOutcome, Wrong } from './outcome.ts'

const HOUR_MS = 3_600_000

/** Says what the detectors that belong to no clause find; it accuses nobody, least of all the owner of a key. */
const PRECAUTION = 'none'

export class Ledger {
  readonly #startMs: number
  readonly #truths: ReadonlyMap<string, AcceptanceTruth>
  readonly #honestAccounts: number
  readonly #accountDays = new Set<string>()
  readonly #gains = new Map<string, number>()
  readonly #signals: Signal[] = []
  readonly #sanctions: Sanction[] = []
  readonly #reviews: ReviewCase[] = []
  requests = 0
  #honestRequests = 0

  constructor(world: World, startMs: number) {
    this.#startMs = startMs
    this.#truths = new Map(world.truths.map((truth) => [truth.accountId, truth]))
    this.#honestAccounts = world.accounts.filter(({ accountId }) => this.#isHonest(accountId)).length
  }

  see(event: SimulatedEvent): void {
    if (event.topic === 'inference.responses.v1') this.#served(event.value)
    if (event.topic === 'accounts.events.v1' && event.value.kind === 'restrictedAccessDenied')
      this.#gain(event.key, 'denials', 1)
  }

  hear(signal: Signal): void {
    this.#signals.push(signal)
  }

  sanctioned(sanction: Sanction): void {
    this.#sanctions.push(sanction)
  }

  reviewed(review: ReviewCase): void {
    if (review.status === 'open') this.#reviews.push(review)
  }

  close(seed: number, cpuSeconds: number): SeedOutcome {
    return {
      seed,
      honestAccounts: this.#honestAccounts,
      honestAccountDays: this.#accountDays.size,
      honestRequests: this.#honestRequests,
      requests: this.requests,
      wrongs: this.#wrongs(),
      found: [...this.#truths.values()].map((truth) => this.#found(truth)),
      cpuSeconds,
    }
  }

  #isHonest(accountId: string): boolean {
    return this.#truths.get(accountId)?.victim ?? true
  }

  #served(response: InferenceResponse): void {
    const { accountId, status, gpuSeconds, requestedAtMs } = response
    this.requests++
    if (status === 'ok' || status === 'refused') this.#gain(accountId, 'requests', 1, requestedAtMs)
    if (status === 'rate_limited') this.#gain(accountId, 'refusals', 1, requestedAtMs)
    this.#gain(accountId, 'gpuSeconds', gpuSeconds ?? 0, requestedAtMs)
    if (!this.#isHonest(accountId)) return
    this.#honestRequests++
    this.#accountDays.add(`${accountId}/${Math.floor(requestedAtMs / DAY_MS)}`)
  }

  /** Only while the abuse lasts: the owner of a stolen key asks before. */
  #gain(accountId: string, gain: string, amount: number, atMs = Infinity): void {
    const truth = this.#truths.get(accountId)
    if (truth?.gain !== gain || atMs < truth.abuseBeganAtMs) return
    this.#gains.set(accountId, (this.#gains.get(accountId) ?? 0) + amount)
  }

  #found(truth: AcceptanceTruth): Found {
    const { accountId, detectorId, evasion, abuseBeganAtMs, abuseEndedAtMs, gain } = truth
    const own = this.#signals
      .filter((signal) => signal.actor.accountId === accountId)
      .sort((a, b) => a.occurredAtMs - b.occurredAtMs)
    const delay = (signal: Signal | undefined) =>
      signal === undefined ? null : signal.occurredAtMs - abuseBeganAtMs
    const acts = this.#sanctions.filter((one) => one.accountId === accountId)
    const cases = this.#reviews.filter((one) => one.accountId === accountId)
    return {
      detectorId,
      evasion,
      delayMs: delay(own.find((signal) => signal.detectorId === detectorId)),
      anyDelayMs: delay(own[0]),
      followed: acts[0]?.act ?? (cases.length > 0 ? 'case' : null),
      gain,
      gainPerHour: (this.#gains.get(accountId) ?? 0) / ((abuseEndedAtMs - abuseBeganAtMs) / HOUR_MS),
    }
  }

  #wrongs(): readonly Wrong[] {
    const sanctions = this.#sanctions
      .filter(({ accountId, act }) => this.#isHonest(accountId) && act !== 'lifting' && act !== 'reversal')
      .map((one) => this.#wrong(one.accountId, one.act, one.detectorId ?? '?', one.effectiveAtMs))
    const cases = this.#reviews
      .filter(({ accountId }) => this.#isHonest(accountId))
      .map((one) => this.#wrong(one.accountId, 'case', this.#detectorOf(one), one.openedAtMs))
    return [...sanctions, ...cases, ...this.#strays([...sanctions, ...cases])]
  }

  /** Signals of honest accounts from which nothing followed. */
  #strays(followed: readonly Wrong[]): readonly Wrong[] {
    const named = new Set(followed.map(({ accountId, detectorId }) => `${accountId} ${detectorId}`))
    return this.#signals
      .filter(({ actor, detectorId, clause }) => {
        const isTheft = clause === PRECAUTION && this.#truths.get(actor.accountId)?.detectorId === detectorId
        return this.#isHonest(actor.accountId) && !named.has(`${actor.accountId} ${detectorId}`) && !isTheft
      })
      .map((one) => this.#wrong(one.actor.accountId, 'signal', one.detectorId, one.occurredAtMs))
  }

  #wrong(accountId: string, kind: string, detectorId: string, atMs: number): Wrong {
    const signal = this.#signals.find(
      (one) => one.actor.accountId === accountId && one.detectorId === detectorId,
    )
    return {
      accountId,
      kind,
      detectorId,
      day: Math.floor((atMs - this.#startMs) / DAY_MS),
      reason: signal?.readings.map(told).join(', ') ?? '',
    }
  }

  #detectorOf(review: ReviewCase): string {
    return this.#signals.find((signal) => review.signalIds.includes(signal.id))?.detectorId ?? '?'
  }
}

function told({ name, value, text }: Signal['readings'][number]): string {
  return `${name} ${value === null ? (text ?? 'unknown') : Math.round(value * 100) / 100}`
}
