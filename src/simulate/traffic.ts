/**
 * The platform at work: customers' requests through limits and queues, telemetry every quarter of a minute.
 *
 * T1. Events come in the order of their append times. Event times lie up to LAG_MS before, as they do where gateways
 *     batch what they send.
 * T2. Every request ends: with an answer, a refusal, an error or `rate_limited`. What is under way when the span ends
 *     is still answered; nothing new comes in.
 */
import type { AccountState } from '../domain/account.ts'
import { Agenda } from './agenda.ts'
import type { Incident } from './cast.ts'
import type { Ask, Customer, Happening } from './customer.ts'
import { gpuSecondsOf, slotsPerGpu } from './model-catalogue.ts'
import { Pool, type Job, type Started } from './pool.ts'
import type { Population, SizedPool } from './population.ts'
import { Random } from './random.ts'
import { RateLimiter } from './rate-limiter.ts'
import { requestEvent, responseEvent, type Exchange, type SimulatedEvent } from './simulated-event.ts'
import { telemetryEvent } from './telemetry-event.ts'

interface UnderWay extends Job {
  readonly exchange: Exchange
  readonly customer: Customer
  readonly attempt: number
}

type Task =
  | { readonly kind: 'wake'; readonly customer: Customer }
  | { readonly kind: 'retry'; readonly customer: Customer; readonly ask: Ask; readonly attempt: number }
  | { readonly kind: 'end'; readonly started: Started<UnderWay>; readonly startedAtMs: number }
  | { readonly kind: 'telemetry'; readonly pool: RunningPool }
  | { readonly kind: 'happening'; readonly happening: Happening }
  | { readonly kind: 'incident'; readonly incident: Incident }

interface RunningPool {
  readonly sized: SizedPool
  readonly queue: Pool<UnderWay>
  /** The pool answers nothing until then. */
  outUntilMs: number
}

/** What the traffic of a population hangs on. */
export interface TrafficOptions {
  readonly seed: number
  readonly startMs: number
  readonly durationMs: number
  /** How often a pool reports; a quarter of a minute where nothing is said. */
  readonly telemetryMs?: number
}

const TELEMETRY_MS = 15_000
const LAG_MS = 40
/** How long the platform takes to find out that a pool is away. */
const FAILURE_MS = 150

export class Traffic {
  readonly #options: TrafficOptions
  readonly #population: Population
  readonly #agenda = new Agenda<Task>()
  readonly #limiter = new RateLimiter()
  readonly #accounts = new Map<string, AccountState>()
  readonly #pools = new Map<string, RunningPool>()
  readonly #random: Random
  #out: SimulatedEvent[] = []
  #requests = 0
  #happenings = 0

  constructor(options: TrafficOptions, population: Population) {
    this.#options = options
    this.#population = population
    this.#random = new Random(options.seed, 'traffic')
    for (const sized of population.pools) this.#openPool(sized)
  }

  /** All events. Can be walked once. */
  *events(): Generator<SimulatedEvent> {
    this.#begin()
    yield* this.#taken()
    for (let due = this.#agenda.take(); due !== null; due = this.#agenda.take()) {
      this.#do(due.item, due.atMs)
      if (this.#out.length > 0) yield* this.#taken()
    }
  }

  #begin(): void {
    for (const customer of this.#population.customers) {
      this.#tellState(customer.account, this.#options.startMs)
      for (const atMs of customer.arrivals.begin()) this.#agenda.add(atMs, { kind: 'wake', customer })
    }
    for (const pool of this.#pools.values()) this.#sampleNext(pool, this.#options.startMs)
    for (const happening of this.#population.happenings) {
      this.#agenda.add(Math.max(this.#options.startMs, happening.atMs), { kind: 'happening', happening })
    }
    for (const incident of this.#population.incidents) {
      this.#agenda.add(incident.atMs, { kind: 'incident', incident })
    }
  }

  #do(task: Task, nowMs: number): void {
    switch (task.kind) {
      case 'wake':
        return this.#arrive(task.customer, nowMs)
      case 'retry':
        return this.#request(task.customer, task.ask, task.attempt, nowMs)
      case 'end':
        return this.#end(task.started, task.startedAtMs, nowMs)
      case 'telemetry':
        return this.#sample(task.pool, nowMs)
      case 'happening':
        return this.#happen(task.happening, nowMs)
      case 'incident':
        return this.#befall(task.incident, nowMs)
    }
  }

  #arrive(customer: Customer, nowMs: number): void {
    this.#agenda.add(customer.arrivals.afterArrival(nowMs), { kind: 'wake', customer })
    this.#request(customer, customer.ask(nowMs), 1, nowMs)
  }

  #request(customer: Customer, ask: Ask, attempt: number, nowMs: number): void {
    const account = this.#accounts.get(customer.account.accountId) ?? customer.account
    const exchange = this.#exchange(account, ask, nowMs)
    this.#out.push(requestEvent(exchange, nowMs))
    const retryAfterMs = this.#limiter.refuse(account, ask.keyId, nowMs)
    if (retryAfterMs !== null) return this.#turnAway(customer, exchange, attempt, retryAfterMs, nowMs)
    const job = {
      exchange,
      customer,
      attempt,
      accountId: account.accountId,
      arrivedAtMs: nowMs,
      gpuSeconds: gpuSecondsOf(ask.model, ask),
    }
    const pool = this.#pool(ask.poolId)
    if (nowMs < pool.outUntilMs) return this.#fail(job, nowMs)
    this.#start(pool.queue.submit(job, nowMs), nowMs)
  }

  #exchange(account: AccountState, ask: Ask, nowMs: number): Exchange {
    return {
      requestId: `req-${this.#options.seed}-${++this.#requests}`,
      accountId: account.accountId,
      organizationId: account.organizationId,
      ask,
      requestedAtMs: this.#eventTime(nowMs),
    }
  }

  #turnAway(customer: Customer, exchange: Exchange, attempt: number, waitMs: number, nowMs: number): void {
    const ending = { startedAtMs: null, completedAtMs: nowMs, gpuSeconds: 0, retryAfterMs: waitMs }
    this.#out.push(responseEvent(exchange, { status: 'rate_limited', ...ending }, nowMs))
    this.#again(customer, exchange.ask, { nowMs, attempt, retryAfterMs: waitMs })
  }

  #fail({ customer, exchange, attempt }: UnderWay, nowMs: number): void {
    const endMs = nowMs + FAILURE_MS
    const ending = { startedAtMs: null, completedAtMs: nowMs, gpuSeconds: 0, retryAfterMs: null }
    this.#out.push(responseEvent(exchange, { status: 'error', ...ending }, nowMs))
    this.#again(customer, exchange.ask, { nowMs: endMs, attempt, retryAfterMs: null })
  }

  /** The customer tries once more, or goes on without an answer. */
  #again(customer: Customer, ask: Ask, rejection: Parameters<Customer['retry']>[1]): void {
    const retry = customer.retry(ask, rejection)
    if (retry === null || retry.atMs >= this.#endMs) return this.#goOn(customer, rejection.nowMs)
    const attempt = rejection.attempt + 1
    this.#agenda.add(retry.atMs, { kind: 'retry', customer, ask: retry.ask, attempt })
  }

  #goOn(customer: Customer, nowMs: number): void {
    this.#agenda.add(customer.arrivals.afterEnd(nowMs), { kind: 'wake', customer })
  }

  #start(started: readonly Started<UnderWay>[], nowMs: number): void {
    for (const one of started) {
      this.#agenda.add(one.endsAtMs, { kind: 'end', started: one, startedAtMs: nowMs })
    }
  }

  #end({ job }: Started<UnderWay>, startedAtMs: number, nowMs: number): void {
    const { exchange, customer, gpuSeconds } = job
    const status = statusOf(exchange.ask)
    const completedAtMs = Math.max(startedAtMs, this.#eventTime(nowMs))
    const ending = { status, startedAtMs, completedAtMs, gpuSeconds, retryAfterMs: null } as const
    this.#out.push(responseEvent(exchange, ending, nowMs))
    this.#start(this.#pool(exchange.ask.poolId).queue.release(nowMs), nowMs)
    this.#goOn(customer, nowMs)
  }

  #sample(pool: RunningPool, nowMs: number): void {
    this.#out.push(telemetryEvent(pool.sized, pool.queue.sample(nowMs), this.#telemetryMs, nowMs))
    this.#sampleNext(pool, nowMs)
  }

  #sampleNext(pool: RunningPool, nowMs: number): void {
    if (nowMs + this.#telemetryMs > this.#endMs) return
    this.#agenda.add(nowMs + this.#telemetryMs, { kind: 'telemetry', pool })
  }

  #happen(happening: Happening, nowMs: number): void {
    if ('state' in happening) return this.#tellState(happening.state, nowMs)
    const { accountId, kind, keyId, resource = null } = happening
    const eventId = `${accountId}-${kind}-${++this.#happenings}`
    const value = { eventId, accountId, kind, keyId, occurredAtMs: nowMs, sanctionId: null, resource }
    this.#out.push({ topic: 'accounts.events.v1', key: accountId, value, appendTimeMs: nowMs })
  }

  #befall(incident: Incident, nowMs: number): void {
    const pool = this.#pool(incident.poolId)
    if (incident.kind === 'outage') pool.outUntilMs = incident.untilMs
    else {
      const gpus = Math.max(1, Math.round(pool.sized.gpuCount * incident.gpuShare))
      this.#start(pool.queue.resize(gpus, nowMs), nowMs)
    }
  }

  #tellState(value: AccountState, nowMs: number): void {
    this.#accounts.set(value.accountId, value)
    this.#out.push({ topic: 'accounts.state.v1', key: value.accountId, value, appendTimeMs: nowMs })
  }

  #openPool(sized: SizedPool): void {
    const queue = new Pool<UnderWay>(sized.gpuCount, slotsPerGpu(sized.plan.model), this.#options.startMs)
    this.#pools.set(sized.plan.poolId, { sized, queue, outUntilMs: 0 })
  }

  #pool(poolId: string): RunningPool {
    const pool = this.#pools.get(poolId)
    if (pool === undefined) throw new RangeError(`there is no pool ${poolId}`)
    return pool
  }

  #taken(): readonly SimulatedEvent[] {
    const taken = this.#out
    this.#out = []
    return taken
  }

  #eventTime(nowMs: number): number {
    return Math.max(this.#options.startMs, nowMs - this.#random.integer(1, LAG_MS))
  }

  get #telemetryMs(): number {
    return this.#options.telemetryMs ?? TELEMETRY_MS
  }

  get #endMs(): number {
    return this.#options.startMs + this.#options.durationMs
  }
}

function statusOf(ask: Ask): 'ok' | 'refused' | 'cancelled' {
  if (ask.cancelled) return 'cancelled'
  return ask.refused ? 'refused' : 'ok'
}
