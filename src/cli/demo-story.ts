/**
 * What the demo tells: every finding and act as it comes, and at the end who was sanctioned, on what grounds, how
 * long after the abuse began, and whether any honest customer was touched.
 */
import type { Sanction } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'
import { tableWithin, type Terminal } from './terminal.ts'

const MINUTES_OF_A_DAY = 24 * 60

/** Ground truth about one abuser, as the simulated platform gives it. */
export interface KnownAbuser {
  readonly accountId: string
  readonly clause: string
  readonly abuseBeganAtMs: number
}

export class DemoStory {
  readonly #abusers: ReadonlyMap<string, KnownAbuser>
  readonly #signals: Signal[] = []
  readonly #sanctions: Sanction[] = []
  readonly #reviews = new Map<string, string>()

  constructor(abusers: readonly KnownAbuser[]) {
    this.#abusers = new Map(abusers.map((abuser) => [abuser.accountId, abuser]))
  }

  get signals(): number {
    return this.#signals.length
  }

  get sanctions(): readonly Sanction[] {
    return this.#sanctions
  }

  hear(signal: Signal): void {
    this.#signals.push(signal)
  }

  see(sanction: Sanction): void {
    this.#sanctions.push(sanction)
  }

  review(accountId: string, reason: string): void {
    this.#reviews.set(accountId, reason)
  }

  tell(terminal: Terminal, honestAccounts: number): void {
    const rows = [...this.#abusers.values()].map((abuser) => this.#row(abuser))
    const head = ['who', 'clause', 'what happened', 'after', 'why']
    const lines = tableWithin(terminal.columns, head, rows)
    const isTable = lines.length === rows.length + 1
    for (const [at, line] of lines.entries())
      terminal.line(isTable && at === 0 ? terminal.paint('bold', line) : line)
    const touched = this.#touched()
    terminal.line(
      touched.length === 0
        ? terminal.paint('green', `Honest customers touched: none of ${honestAccounts}.`)
        : terminal.paint('red', `Honest customers touched: ${touched.join(', ')}`),
    )
  }

  /** Honest accounts that were restricted, suspended, warned, or put before a person. */
  #touched(): readonly string[] {
    const named = [...this.#sanctions.map((sanction) => sanction.accountId), ...this.#reviews.keys()]
    return [...new Set(named)].filter((accountId) => !this.#abusers.has(accountId))
  }

  #row(abuser: KnownAbuser): readonly string[] {
    const signal = this.#signals.find((one) => one.actor.accountId === abuser.accountId)
    const acts = this.#sanctions.filter((one) => one.accountId === abuser.accountId)
    const first = acts[0]
    const atMs = first?.effectiveAtMs ?? signal?.occurredAtMs ?? NaN
    return [
      abuser.accountId,
      abuser.clause,
      this.#happened(abuser.accountId, acts, signal),
      Number.isNaN(atMs) ? '-' : formatMinutes(atMs - abuser.abuseBeganAtMs),
      signal === undefined ? '-' : reasons(signal),
    ]
  }

  #happened(accountId: string, acts: readonly Sanction[], signal: Signal | undefined): string {
    if (acts.length > 0) return acts.map(actOf).join(', ')
    const review = this.#reviews.get(accountId)
    if (review !== undefined) return `before a person (${review})`
    return signal === undefined ? 'nothing found' : 'found once; waits for a second finding'
  }
}

export function actOf(sanction: Sanction): string {
  const target = sanction.scopeTarget === null ? '' : ` ${sanction.scopeTarget}`
  return `${sanction.act} (${sanction.scope}${target})`
}

export function reasons(signal: Signal): string {
  return signal.evidence.map(({ name, value }) => `${name} ${Math.round(value * 100) / 100}`).join(', ')
}

/** In minutes and seconds; from a day on in hours and minutes. */
export function formatMinutes(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes >= MINUTES_OF_A_DAY) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`
  return `${minutes}m ${twoDigits(seconds % 60)}s`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
