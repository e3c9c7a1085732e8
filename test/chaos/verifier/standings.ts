/** Folds the sanctions of each account, as they stand in the log, to what its standing must say at the end. */
import { actorOf } from './sanctions.ts'
import { numberOrNull, number, text, type Fields, type Line } from './lines.ts'

const STRICTNESS = ['warning', 'restriction', 'suspension', 'termination']

/** Account to its active sanctions as JSON, oldest first; accounts without any are left out. */
export function foldedStandings(sanctions: readonly Line[]): ReadonlyMap<string, string> {
  const open = new Map<string, Map<string, Fields>>()
  for (const { value } of sanctions) {
    if (value === null) continue
    const ofAccount = open.get(text(value, 'accountId')) ?? new Map<string, Fields>()
    open.set(text(value, 'accountId'), ofAccount)
    const ends = value['endsSanctionId']
    if (typeof ends === 'string') ofAccount.delete(ends)
    else ofAccount.set(text(value, 'id'), value)
  }
  const told = [...open].map(
    ([accountId, ofAccount]) => [accountId, active([...ofAccount.values()])] as const,
  )
  return new Map(told.filter(([, list]) => list.length > 0).map(([id, list]) => [id, JSON.stringify(list)]))
}

/**
 * Account to what its newest standing record says, in the same form. Nothing in force may be told by a tombstone or
 * by an empty list; both are left out.
 */
export function publishedStandings(standings: readonly Line[]): ReadonlyMap<string, string> {
  const newest = new Map(standings.map((line) => [line.key, line.value]))
  const told = [...newest].flatMap(([accountId, value]) =>
    value === null ? [] : [[accountId, JSON.stringify(value['active'])] as const],
  )
  return new Map(told.filter(([, active]) => active !== '[]'))
}

/** Those that no other on the same place outdoes, in the published form. */
function active(open: readonly Fields[]): readonly object[] {
  return open
    .filter((one) => !open.some((other) => other !== one && outdoes(other, one)))
    .sort(
      (a, b) =>
        number(a, 'effectiveAtMs') - number(b, 'effectiveAtMs') || (text(a, 'id') < text(b, 'id') ? -1 : 1),
    )
    .map((one) => ({
      sanctionId: one['id'],
      act: one['act'],
      scope: one['scope'],
      scopeTarget: one['scopeTarget'],
      rateCeilingPerMinute: one['rateCeilingPerMinute'],
      actorLevel: actorOf(one).level,
      actorId: actorOf(one).id,
      reasonCode: one['reasonCode'],
      effectiveAtMs: one['effectiveAtMs'],
      endsAtMs: one['endsAtMs'],
    }))
}

/** At least as strict and at least as long, on the same scope of the same actor. */
function outdoes(other: Fields, one: Fields): boolean {
  const place = (sanction: Fields): string =>
    JSON.stringify([sanction['scope'], sanction['scopeTarget'], actorOf(sanction)])
  const rank = (sanction: Fields): number => STRICTNESS.indexOf(text(sanction, 'act'))
  const endOf = (sanction: Fields): number => numberOrNull(sanction, 'endsAtMs') ?? Infinity
  return place(other) === place(one) && rank(other) > rank(one) && endOf(other) >= endOf(one)
}
