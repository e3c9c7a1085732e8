/**
 * Every short sequence of words that one account may hear, walked as a tree: standings are values, so that branches
 * share what came before them. A move speaks of whatever the account has by then; one that has nothing to speak of is
 * left out.
 */
import type { EnforcementInput } from '../../../src/enforce/event.ts'
import type { Outcome } from '../../../src/enforce/outcome.ts'
import { emptyStanding, type AccountStanding } from '../../../src/enforce/account-standing.ts'
import { decide } from '../../../src/enforce/decide.ts'
import { nextDueMs } from '../../../src/enforce/decide-due.ts'
import { evolve } from '../../../src/enforce/evolve.ts'
import type { Policy } from '../../../src/topology/policy.ts'
import { UNLIMITED, type Terms } from '../../../src/enforce/terms.ts'
import {
  ACCOUNT,
  accountEvent,
  accountState,
  appeal,
  CIRCUMVENTION,
  CSAM,
  DAY,
  decision,
  HOUR,
  JAILBREAK,
  key,
  keyEvent,
  keyFound,
  MALWARE,
  policy,
  REVIEWED,
  SANCTION_IDS,
  SCRAPING,
  signal,
  T0,
} from './fixtures.ts'

/** What one event or one deadline led to. */
export interface Edge {
  readonly atMs: number
  /** Null where time alone did it. */
  readonly input: EnforcementInput | null
  readonly before: AccountStanding
  readonly outcomes: readonly Outcome[]
  readonly after: AccountStanding
}

/** Where the account is after the words so far. */
export interface Place {
  readonly nowMs: number
  readonly standing: AccountStanding
  /** All edges from the beginning, oldest first. */
  readonly path: readonly Edge[]
  /** Names of the moves, for whoever reads a failure. */
  readonly words: readonly string[]
}

export interface Move {
  readonly name: string
  readonly afterMs: number
  /** Null where the account has nothing that it could speak of. */
  readonly input: (place: Place, atMs: number) => EnforcementInput | null
}

/** As everywhere, but that what the machine does about scraping waits by chance, here by half an hour. */
export const MOST_DELAY_MS = HOUR
const POLICY = delayed(policy())

function delayed(all: Policy): Policy {
  const clauses = all.clauses.map((one) =>
    one.id === SCRAPING ? { ...one, ladder: { ...one.ladder, delayMs: MOST_DELAY_MS } } : one,
  )
  return { ...all, clauses }
}

/** On which so much rests that people look first. */
export const TEMPLATE_OF_MANY = 'of many'

export function termsAt(nowMs: number): Terms {
  return {
    policy: POLICY,
    nowMs,
    budget: UNLIMITED,
    sanctionIds: SANCTION_IDS,
    templates: { isWidespread: ({ templateHash }) => templateHash === TEMPLATE_OF_MANY },
    delayShare: () => 0.5,
    enabledBy: () => [],
    switchedOff: () => false,
  }
}

export function begin(shadow = false): Place {
  const empty: Place = { nowMs: T0 - 1, standing: emptyStanding(ACCOUNT, shadow), path: [], words: [] }
  return heard(empty, T0 - 1, accountState())
}

/** The place after the move; null where the move has nothing to speak of. */
export function moved(place: Place, move: Move): Place | null {
  const atMs = place.nowMs + move.afterMs
  const passed = passTo(place, atMs)
  const input = move.input(passed, atMs)
  const words = [...place.words, move.name]
  if (input !== null) return { ...heard(passed, atMs, input), words }
  return move.name.startsWith('wait') ? { ...passed, words } : null
}

/** Fires what falls due until then, each at its own time. */
export function passTo(place: Place, atMs: number): Place {
  let at = place
  for (let due = nextDueMs(at.standing); due !== null && due <= atMs; due = nextDueMs(at.standing))
    at = taken(at, Math.max(due, at.nowMs), null)
  return { ...at, nowMs: atMs }
}

export function heard(place: Place, atMs: number, input: EnforcementInput): Place {
  return taken(passTo(place, atMs), atMs, input)
}

function taken(place: Place, atMs: number, input: EnforcementInput | null): Place {
  const outcomes = decide(place.standing, input ?? { kind: 'due' }, termsAt(atMs))
  const after = outcomes.reduce(evolve, place.standing)
  const edge: Edge = { atMs, input, before: place.standing, outcomes, after }
  return { ...place, nowMs: atMs, standing: after, path: [...place.path, edge] }
}

/** Every place that can be reached from here by at most `depth` of the moves; calls `look` for each. */
export function walk(place: Place, moves: readonly Move[], depth: number, look: (at: Place) => void): number {
  look(place)
  if (depth === 0) return 1
  let places = 1
  for (const move of moves) {
    const next = moved(place, move)
    if (next !== null) places += walk(next, moves, depth - 1, look)
  }
  return places
}

const openCase = ({ standing }: Place) => standing.reviews.at(-1)?.review ?? null
const latest = ({ standing }: Place) => standing.sanctions.at(-1)?.sanction ?? null

function finding(name: string, shape: Parameters<typeof signal>[0]): Move {
  return { name, afterMs: 5 * HOUR, input: (_, atMs) => signal({ ...shape, atMs }) }
}

function word(name: string, kind: Parameters<typeof decision>[0], by: string): Move {
  return {
    name,
    afterMs: HOUR / 2,
    input: (place, atMs) => {
      const about = openCase(place)
      return about === null ? null : decision(kind, by, { ...ABOUT, caseId: about.id, decidedAtMs: atMs })
    },
  }
}

const ABOUT = { narrowToScope: 'key', narrowToTarget: 'k1' } as const

/** About the latest sanction. */
function onLatest(
  name: string,
  input: (sanctionId: string, atMs: number) => EnforcementInput,
  afterMs = HOUR / 2,
): Move {
  return {
    name,
    afterMs,
    input: (place, atMs) => {
      const sanction = latest(place)
      return sanction === null ? null : input(sanction.id, atMs)
    },
  }
}

/** The key on which conduct is found here. */
export const KEY = 'k1'

function aboutKey(name: string, input: (keyId: string, atMs: number) => EnforcementInput): Move {
  return { name, afterMs: HOUR / 2, input: (_, atMs) => input(KEY, atMs) }
}

const wait = (name: string, afterMs: number): Move => ({
  name: `wait ${name}`,
  afterMs,
  input: () => null,
})

export const MOVES: readonly Move[] = [
  finding('scraping', { clause: SCRAPING }),
  finding('malware', { clause: MALWARE, detectorId: 'malware.generation' }),
  finding('jailbreak', { clause: CIRCUMVENTION, detectorId: JAILBREAK }),
  // The same request as the one before would have: one incident, told by two clauses.
  finding('scraping, request one', { clause: SCRAPING, requests: ['one'], windowMs: HOUR / 4 }),
  finding('csam, request one', {
    clause: CSAM,
    detectorId: 'csam.known-media',
    requests: ['one'],
    more: { capability: 'image' },
  }),
  finding('csam, exact', {
    clause: CSAM,
    detectorId: 'csam.known-media',
    more: { capability: 'image', evidence: [{ name: 'exactMatch', value: 1 }] },
  }),
  finding('csam, reviewed', { clause: CSAM, detectorId: REVIEWED }),
  word('ann terminates', 'terminate', 'ann'),
  word('ben terminates', 'terminate', 'ben'),
  word('ann refers', 'refer', 'ann'),
  word('ben refers', 'refer', 'Ben '),
  word('ann upholds', 'uphold', 'ann'),
  word('cat rejects', 'reject', 'cat'),
  word('ann narrows', 'narrow', 'ann'),
  onLatest('ann reverses', (sanctionId, atMs) =>
    decision('reverse', 'ann', { sanctionId, decidedAtMs: atMs }),
  ),
  {
    name: 'ann reverses the first',
    afterMs: HOUR / 2,
    input: ({ standing }, atMs) => {
      const [first, second] = standing.sanctions
      if (first === undefined || second === undefined) return null
      return decision('reverse', 'ann', { sanctionId: first.sanction.id, decidedAtMs: atMs })
    },
  },
  onLatest('appeal', (sanctionId, atMs) => appeal(sanctionId, { submittedAtMs: atMs })),
  // Before a delayed warning holds.
  onLatest('notice', (sanctionId, atMs) => accountEvent('noticeDelivered', sanctionId, atMs), HOUR / 4),
  onLatest('remedy', (sanctionId, atMs) => accountEvent('remediated', sanctionId, atMs)),
  wait('2 d', 2 * DAY),
  wait('10 d', 10 * DAY),
]

/** One finding that rests on the template of many, beside the same without. */
export const TEMPLATE_MOVES: readonly Move[] = [
  finding('scraping, template of many', { clause: SCRAPING, template: TEMPLATE_OF_MANY }),
  ...MOVES.filter(({ name }) =>
    ['scraping', 'ann upholds', 'cat rejects', 'ann reverses', 'appeal', 'notice'].includes(name),
  ),
  ...MOVES.filter(({ name }) => name.startsWith('wait')),
]

/** Words about a key that others may hold, and those of all others that bear on it: a walk of their own, for its length. */
export const KEY_MOVES: readonly Move[] = [
  finding('scraping by key', { clause: SCRAPING, actor: key(KEY) }),
  aboutKey('key found', keyFound),
  aboutKey('key reported', (keyId, atMs) => keyEvent('keyReportedStolen', keyId, atMs)),
  aboutKey('key rotated', (keyId, atMs) => keyEvent('keyRotated', keyId, atMs)),
  ...MOVES.filter(({ name }) =>
    ['scraping', 'ann upholds', 'cat rejects', 'ann terminates', 'ann reverses', 'appeal', 'notice'].includes(
      name,
    ),
  ),
  ...MOVES.filter(({ name }) => name.startsWith('wait')),
]

/** Everything that the account was told so far, but time. */
export function wordsHeard({ path }: Place): readonly EnforcementInput[] {
  return path.flatMap(({ input }) => (input === null ? [] : [input]))
}

/** Where an account stands after these moves. */
export function after(names: readonly string[], shadow = false): Place {
  return names.reduce((place, name) => {
    const move = [...MOVES, ...KEY_MOVES, ...TEMPLATE_MOVES].find((one) => one.name === name)
    const next = move === undefined ? null : moved(place, move)
    if (next === null) throw new Error(`no move ${name} after ${place.words.join(', ')}`)
    return next
  }, begin(shadow))
}
