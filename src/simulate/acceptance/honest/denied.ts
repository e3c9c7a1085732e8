/** Honest customers that ask for what they were not granted. */
import { HOUR_MS, type Cast } from '../../cast.ts'
import type { Happening } from '../../customer.ts'
import { DAY_MS, type Act } from '../act.ts'
import { onDay, steady } from './steady.ts'

/** A retired model's name, and one that never was, in a configuration that is asked for every quarter of an hour. */
export function retiredModel(act: Act): Cast {
  const times = Math.floor((act.toMs - act.fromMs) / (HOUR_MS / 4))
  return steady(act, {
    happenings: Array.from({ length: times }, (_, at) =>
      denied(act, act.fromMs + (at * HOUR_MS) / 4, at % 5 === 0 ? 'assistant-old' : 'assistant-older'),
    ),
  })
}

/** A tool that lists all there is once a day, and is denied a dozen of it. */
export function toolThatLists(act: Act): Cast {
  const days = Math.ceil((act.toMs - act.fromMs) / DAY_MS)
  return steady(act, {
    happenings: Array.from({ length: days * 12 }, (_, at) =>
      denied(act, onDay(act, Math.floor(at / 12), 11) + (at % 12) * 200, `model-${at % 12}`),
    ),
  })
}

/** Probes forty things in an afternoon, as its grant says. */
export function grantedRedTeam(act: Act): Cast {
  return steady(act, {
    grants: ['redTeam'],
    happenings: Array.from({ length: 120 }, (_, at) =>
      denied(act, onDay(act, 7, 13) + at * 40_000, `model-${at % 40}`),
    ),
  })
}

function denied({ accountId }: Act, atMs: number, resource: string): Happening {
  return { atMs, accountId, kind: 'restrictedAccessDenied', keyId: `${accountId}-key1`, resource }
}
