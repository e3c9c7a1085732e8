/**
 * Honest customers whose texts name addresses: their own sites, pages that their users paste, tests over pages, sources of
 * a search, tickets about customers' sites.
 */
import { identity, plan } from '../../account.ts'
import { customerOf, waits, type AskDraft } from '../../asking.ts'
import { POOLS, type Cast } from '../../cast.ts'
import type { GrantKind } from '../../../domain/account.ts'
import { alone, type Act } from '../act.ts'
import { ChangingArrivals, inHours } from '../changing-arrivals.ts'
import { foreignPage, ownPage } from '../hosts.ts'

interface Reading {
  readonly quotaPerHour: number
  readonly perHour: (nowMs: number) => number
  readonly grants?: readonly GrantKind[]
  /** One text, and what else is not as always. */
  readonly ask: () => string | (Partial<AskDraft> & { readonly prompt: string })
}

const NOUNS = 'lamp bicycle teapot printer backpack bookshelf camera piano tent garden'.split(' ')
const VERBS = 'find explain compare check mend buy sell move clean keep'.split(' ')

function reads(act: Act, { quotaPerHour, perHour, grants = [], ask }: Reading): Cast {
  const { random, accountId } = act
  const bought = plan('contract', 120, quotaPerHour, 20_000_000, 8_000)
  return alone(
    customerOf({
      who: identity({ accountId, plan: bought, nowMs: act.fromMs, addresses: 2, grants }, random),
      arrivals: new ChangingArrivals(perHour, 1, act, random),
      random,
      patience: waits(2),
      ask: () => {
        const asked = ask()
        const { prompt, ...draft } = typeof asked === 'string' ? { prompt: asked } : asked
        return {
          model: POOLS.smallEu.model,
          poolId: POOLS.smallEu.poolId,
          tokens: { inputTokens: random.integer(300, 2_000), outputTokens: random.integer(50, 300) },
          said: { prompt, answer: '', on: 'request' },
          ...draft,
        }
      },
    }),
  )
}

/** All pages of its own two sites each night, in one wording, and far beyond a small quota. */
export function readsItsOwnSites(act: Act): Cast {
  const ask = () => `Write a description for ${ownPage(act.accountId, act.random)}`
  return reads(act, { quotaPerHour: 60, perHour: inHours(1, 2, 500), ask })
}

/** What its users paste, from anywhere, far beyond its quota and with a grant. */
export function summarisesWithAGrant(act: Act): Cast {
  const ask = () => `Summarise ${foreignPage(3_000, act.random)}`
  return reads(act, { quotaPerHour: 60, perHour: inHours(7, 12, 400), grants: ['scraping'], ask })
}

/** The same few hundred pages of others every noon, within its quota. */
export function testsOverPages(act: Act): Cast {
  const ask = () => `Answer only from ${foreignPage(6, act.random)}`
  return reads(act, { quotaPerHour: 500, perHour: inHours(12, 1, 420), ask })
}

/** A bot that is asked about pages of the company that runs it. */
export function answersOnItsPages(act: Act): Cast {
  const { random, accountId } = act
  const ask = () => {
    const prompt = `A visitor of ${ownPage(accountId, random)} asks how to ${words(act)}`
    return { prompt, endUserId: `${accountId}-visitor${random.integer(1, 4_000)}` }
  }
  return reads(act, { quotaPerHour: 60, perHour: inHours(8, 12, 300), ask })
}

/** Students of one class, behind one address, each of whom asks about other pages in other words. */
export function studentsOnPages(act: Act): Cast {
  const ask = () => `${words(act)}: what does ${foreignPage(800, act.random)} say of it, and why?`
  return reads(act, { quotaPerHour: 100, perHour: inHours(9, 3, 380), ask })
}

/** A search that puts its sources into each prompt, and has outgrown its quota. */
export function searchesWithSources(act: Act): Cast {
  const { random } = act
  const ask = () =>
    `${words(act)}? Sources: ${Array.from({ length: 4 }, () => foreignPage(2_000, random)).join(' ')}`
  return reads(act, { quotaPerHour: 100, perHour: inHours(6, 16, 400), ask })
}

/** Tickets to a company that hosts sites: each names one of its customers', in words of their own. */
export function hostsTheSitesOfOthers(act: Act): Cast {
  const ask = () => `My site ${foreignPage(1_500, act.random)} is down; ${words(act)} please`
  return reads(act, { quotaPerHour: 60, perHour: inHours(7, 14, 220), ask })
}

/** A list of addresses through the endpoint that is there for bulk, each night. */
export function batchOverAddresses(act: Act): Cast {
  const ask = () => {
    return { prompt: `Tag ${foreignPage(4_000, act.random)}`, operationName: 'batch' as const }
  }
  return reads(act, { quotaPerHour: 60, perHour: inHours(2, 2, 600), ask })
}

function words({ random }: Act): string {
  const one = () => `${random.pick(VERBS)} a ${random.pick(NOUNS)}`
  return `${one()} and ${one()}`
}
