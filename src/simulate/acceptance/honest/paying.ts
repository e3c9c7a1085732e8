/** Honest customers with trouble about money, their own or ours. */
import type { Cast } from '../../cast.ts'
import type { AccountEventKind } from '../../../domain/account.ts'
import type { Happening } from '../../customer.ts'
import type { Act } from '../act.ts'
import { inHours } from '../changing-arrivals.ts'
import { onDay, steady } from './steady.ts'

/** Its prepaid card was empty twice in two weeks. */
export function prepaidCard(act: Act): Cast {
  return steady(act, { happenings: [paid(act, 3, 'paymentFailed'), paid(act, 9, 'paymentFailed')] })
}

/** One invoice was wrong; the bank took it back, and the next payment failed while that was sorted out. */
export function disputedInvoice(act: Act): Cast {
  return steady(act, { happenings: [paid(act, 5, 'chargeback'), paid(act, 6, 'paymentFailed')] })
}

/** It changed its bank: three payments fail on two days. */
export function changedItsBank(act: Act): Cast {
  return steady(act, { happenings: [4, 4.5, 5].map((day) => paid(act, day, 'paymentFailed')) })
}

/** One of several whose use of a whole day we forgot to bill, while it used much. */
export function forgottenByUs(act: Act): Cast {
  const [fromMs, toMs] = [onDay(act, 8, 0), onDay(act, 9, 0)]
  return steady(act, {
    perHour: inHours(6, 14, 40),
    ask: (nowMs) => ({ unbilled: nowMs >= fromMs && nowMs < toMs }),
  })
}

function paid(act: Act, day: number, kind: AccountEventKind): Happening {
  return { atMs: onDay(act, day, 10), accountId: act.accountId, kind, keyId: null }
}
