/** Which detectors are asked on the events of a collection, and what each can wait for meanwhile (`patience.ts`). */
import type {
  AwaitedAmount,
  Collection,
  CompiledDetector,
  DetectorScope,
  NumberField,
  Patience,
} from '../topology/model.ts'
import { awaiting } from './feature-plan.ts'

/** A detector that events of one collection are judged by. */
export interface Asked {
  readonly detector: CompiledDetector
  /** Null where it is asked on every event. */
  readonly wait: Wait | null
}

export interface Wait {
  readonly patience: Patience<DetectorScope>
  /** The detector's position among those that can be left alone. */
  readonly place: number
  /** Whether events of the collection count towards the wait. */
  readonly counts: boolean
  readonly amount: WaitForAmount | null
}

interface WaitForAmount {
  readonly missing: AwaitedAmount<DetectorScope>['missing']
  /** The detector's position among those that wait for an amount. */
  readonly place: number
  /** What an event of the collection brings of it; null where all bring nothing. */
  readonly broughtBy: NumberField | null
}

export function askedOn(collection: Collection, detectors: readonly CompiledDetector[]): readonly Asked[] {
  const patient = detectors.filter(({ patience }) => patience !== null)
  const byAmount = awaiting(detectors)
  return detectors
    .filter(({ collections }) => collections.includes(collection))
    .map((detector) => {
      const places = { place: patient.indexOf(detector), amountPlace: byAmount.indexOf(detector) }
      return { detector, wait: waitOf(detector, places, collection) }
    })
}

function waitOf(
  { patience }: CompiledDetector,
  { place, amountPlace }: { readonly place: number; readonly amountPlace: number },
  collection: Collection,
): Wait | null {
  if (patience === null) return null
  const { amount } = patience
  return {
    patience,
    place,
    counts: patience.collections.has(collection),
    amount: amount === null ? null : amountOf(amount, amountPlace, collection),
  }
}

function amountOf(
  { missing, broughtBy, collection: of }: AwaitedAmount<DetectorScope>,
  place: number,
  collection: Collection,
): WaitForAmount {
  return { missing, place, broughtBy: of === collection ? broughtBy : null }
}
