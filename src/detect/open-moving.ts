/** How a feature's window that does not move in panes is opened: by what the feature counts, and what of each event that is. */
import type { Aggregate, NumberField, TextField } from '../topology/model.ts'
import {
  distinctTallying,
  entropyTallying,
  enumerationTallying,
  nearDistinctOfSessions,
  nearDistinctTallying,
  quantileTallying,
  regularityOfSessions,
  regularityTallying,
  topShareTallying,
  type Step,
} from '../windows/accumulator-tallies.ts'
import { activePartsOver } from '../windows/active-parts.ts'
import type { ByteReader } from '../windows/bytes.ts'
import { hash31 } from '../windows/hash.ts'
import { likenessOf, type Likeness } from '../windows/likeness.ts'
import { Moments } from '../windows/moments.ts'
import type { Tallying } from '../windows/tally.ts'
import { perLengthTallying, totalsOf, totalsTallying, type Totals } from '../windows/totals.ts'
import type { ItemOf, MovingForm, MovingWindow } from './moving-window.ts'
import { SessionWindow } from './session-window.ts'
import { SlidingWindow } from './sliding-window.ts'

/** What a pane of a sliding window tells apart (`moments.ts`, O1), and of how many events a session tells the rhythm. */
const EXACT_MOMENTS = 256

type Opener = () => MovingWindow

/** What opens an empty window. Throws where the aggregate is not told over windows of that shape: `check` has refused it. */
export function openerOf(form: MovingForm): Opener {
  const { aggregate, paneMs, shape } = form.spec
  const isSession = shape === 'session'
  switch (aggregate.kind) {
    case 'count':
      return openerWith(form, totalsTallying('count'), () => totalsOf(1))
    case 'sum':
    case 'mean':
    case 'min':
    case 'max':
      return openerWith(form, totalsTallying(aggregate.kind), totalsIn(aggregate.field))
    case 'perLength':
      return openerWith(form, perLengthTallying(aggregate.unitMs), totalsIn(aggregate.field))
    case 'distinct':
      return openerWith(form, distinctTallying(aggregate.exactLimit), hashIn(aggregate.field))
    case 'nearDistinct':
      return openerWith(
        form,
        (isSession ? nearDistinctOfSessions : nearDistinctTallying)(aggregate.exactLimit),
        likenessIn(aggregate.field),
      )
    case 'topShare':
      return openerWith(form, topShareTallying(aggregate.exactLimit), hashIn(aggregate.field))
    case 'entropy':
      return openerWith(form, entropyTallying(aggregate.exactLimit), hashIn(aggregate.field))
    case 'quantile': {
      const { share, exactLimit, field } = aggregate
      return openerWith(form, quantileTallying(share, exactLimit), numberIn(field))
    }
    case 'enumeration':
      return openerWith(form, enumerationTallying(), stepIn(aggregate))
    case 'regularity':
      return isSession
        ? openerWith(form, regularityOfSessions(EXACT_MOMENTS), timeOf)
        : openerWith(form, regularityTallying(paneMs, EXACT_MOMENTS), timeOf)
    case 'activity':
      return openerOfActivity(form)
    default:
      throw new Error(`${form.spec.name}: ${aggregate.kind} is not told over a ${form.spec.shape}`)
  }
}

function openerWith<I, T>(form: MovingForm, tallying: Tallying<I, T>, itemOf: ItemOf<I>): Opener {
  if (form.spec.shape === 'session') return () => new SessionWindow(form, tallying, itemOf)
  const sliding = {
    openPane: () => new Moments(tallying, EXACT_MOMENTS),
    decodePane: (reader: ByteReader) => Moments.decode(tallying, EXACT_MOMENTS, reader),
    openWindow: tallying.openWindow,
    merge: tallying.merge,
    following: tallying.following,
    bytes: tallying.bytes,
    value: (window: T) => tallying.value(window, form.spec.windowMs),
    error: tallying.error,
  }
  return () => new SlidingWindow(form, sliding, itemOf)
}

function openerOfActivity(form: MovingForm): Opener {
  const { windowMs, paneMs } = form.spec
  const sliding = activePartsOver(windowMs, paneMs)
  return () => new SlidingWindow(form, sliding, timeOf)
}

function timeOf(_body: unknown, timeMs: number): number {
  return timeMs
}

function numberIn(field: NumberField): ItemOf<number> {
  return (body) => {
    const value = field(body)
    return value === null || Number.isNaN(value) ? null : value
  }
}

function totalsIn(field: NumberField): ItemOf<Totals> {
  const valueOf = numberIn(field)
  return (body, timeMs) => {
    const value = valueOf(body, timeMs)
    return value === null ? null : totalsOf(value)
  }
}

function hashIn(field: TextField): ItemOf<number> {
  return (body) => {
    const text = field(body)
    return text === null ? null : hash31(text)
  }
}

function likenessIn(field: TextField): ItemOf<Likeness> {
  return (body) => {
    const simHash = field(body)
    return simHash === null ? null : likenessOf(simHash)
  }
}

function stepIn({ group, ordinal }: Extract<Aggregate, { readonly kind: 'enumeration' }>): ItemOf<Step> {
  return (body) => {
    const [text, number] = [group(body), ordinal(body)]
    return text === null || number === null ? null : { template: hash31(text), ordinal: number }
  }
}
