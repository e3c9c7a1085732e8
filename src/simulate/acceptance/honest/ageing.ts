/** Honest holders of accounts whose age is not settled at once. */
import type { Cast } from '../../cast.ts'
import { DAY_MS, type Act } from '../act.ts'
import { steady } from './steady.ts'

/** Opened as the run begins, and has not said yet how old its holder is. */
export function newcomer(act: Act): Cast {
  return steady(act, { account: { ageAttested: false, createdAtMs: act.fromMs - DAY_MS } })
}

/** A platform that does not ask. */
export function neverAsked(act: Act): Cast {
  return steady(act, { account: { ageAttested: null } })
}

/** Verified long ago; a check that could not read a document is told again. */
export function verifiedBefore(act: Act): Cast {
  const happening = { atMs: act.fromMs + 4 * DAY_MS, kind: 'ageCheckFailed', keyId: null } as const
  return steady(act, {
    account: { ageVerified: true },
    happenings: [{ ...happening, accountId: act.accountId }],
  })
}
