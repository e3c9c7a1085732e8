/**
 * Prompt templates on which what many accounts are found for rests: such a template is more likely wrong than they all
 * are. What the machine would do about one account more waits for people.
 *
 * T1. Counted are accounts, each once, by clause and template, that the machine acted on or would have, within the policy's
 *     window. Who is held counts too, so that a campaign that goes on stays held.
 * T2. The bound is divided over the tasks with a floor, as budgets are: each task counts its own accounts.
 * T3. The ledger stands in its task's checkpoints. With a lost store it begins empty.
 * T4. Bounded: the templates that were met last, of each as many accounts as decide (P7). It holds hashes of accounts: whom
 *     a template joins nobody reads out of it.
 * T5. Reading changes nothing; `note` counts once it has been decided.
 */
import { hash } from 'node:crypto'
import type { TemplateBound } from '../topology/policy.ts'

/** An account that something was found about, and the template on which most of the evidence rests. */
export interface TemplateUse {
  readonly accountId: string
  readonly clause: string
  readonly templateHash: string
}

/** Reads who was found before. */
export interface TemplateView {
  /** Whether so many other accounts were found for the same that people look first. */
  isWidespread(use: TemplateUse): boolean
}

export const NO_TEMPLATES: TemplateView = { isWidespread: () => false }

const MOST_TEMPLATES = 256

/** Accounts by their hash, and when each was found last; oldest first. */
type Accounts = ReadonlyMap<string, number>

export class TemplateLedger {
  readonly #bound: TemplateBound
  readonly #share: number
  readonly #found: Map<string, Accounts>

  /**
   * @param tasks how many tasks of the topology share the bound
   * @param stored what `stored` gave for the checkpoint that the task begins with; null where there is none
   */
  constructor(bound: TemplateBound, tasks: number, stored: string | null) {
    this.#bound = bound
    this.#share = Math.max(bound.floorPerTask, Math.floor(bound.accounts / tasks))
    this.#found = new Map(
      (stored === null ? [] : entriesIn(stored)).map(([name, accounts]) => [name, new Map(accounts)]),
    )
  }

  /** All that a successor must know. */
  stored(): string {
    return JSON.stringify([...this.#found].map(([name, accounts]) => [name, [...accounts]]))
  }

  at(nowMs: number): TemplateView {
    return {
      isWidespread: (use) => {
        if (this.#bound.confirmed.includes(use.templateHash)) return false
        const others = new Set(this.#within(nameOf(use), nowMs).keys())
        others.delete(nameless(use.accountId))
        return others.size >= this.#share
      },
    }
  }

  note(use: TemplateUse, nowMs: number): void {
    const name = nameOf(use)
    const accounts = this.#within(name, nowMs)
    const account = nameless(use.accountId)
    accounts.delete(account)
    accounts.set(account, nowMs)
    this.#found.delete(name)
    this.#found.set(name, new Map([...accounts].slice(-this.#share - 1)))
    const [oldest] = this.#found.keys()
    if (this.#found.size > MOST_TEMPLATES && oldest !== undefined) this.#found.delete(oldest)
  }

  #within(name: string, nowMs: number): Map<string, number> {
    const { withinMs } = this.#bound
    return new Map([...(this.#found.get(name) ?? [])].filter(([, atMs]) => atMs > nowMs - withinMs))
  }
}

function nameless(accountId: string): string {
  return hash('sha256', accountId).slice(0, 16)
}

function nameOf({ clause, templateHash }: TemplateUse): string {
  return `${clause}/${templateHash}`
}

type StoredEntry = readonly [name: string, accounts: readonly (readonly [account: string, atMs: number])[]]

/** Throws where it was not written by `stored`. */
function entriesIn(text: string): readonly StoredEntry[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed) || !parsed.every(isEntry))
    throw new Error('The stored templates have an unknown shape.')
  return parsed
}

function isEntry(value: unknown): value is StoredEntry {
  if (!isList(value) || value.length !== 2) return false
  const [name, accounts] = value
  return typeof name === 'string' && isList(accounts) && accounts.every(isPair)
}

function isPair(value: unknown): boolean {
  return isList(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
