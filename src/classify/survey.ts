/**
 * Which of the units of a text call for a closer look, told by one look at each: scans for what a text cannot hold are
 * left out. Most texts hold none of it.
 */
import { isStranger } from './confusables.ts'
import { isEscapeSign, isPercentSign } from './escapes.ts'
import { hiddenKinds } from './invisible.ts'
import { isLeetSign } from './leetspeak.ts'
import { isShaped } from './shapes.ts'
import { unitsOf, type Units } from './units.ts'

/** The kinds of `invisible.ts`: the lowest bits. */
export const HIDDEN = 0x1f
export const STRANGE = 0x20
export const LEET_SIGN = 0x40
export const PERCENT_SIGN = 0x80
export const ESCAPE_SIGN = 0x100
export const SHAPED = 0x200
const TRAITS = traitsOfUnits()

export interface Survey {
  readonly text: string
  readonly units: Units
  /** The traits of all units, or-ed. */
  readonly traits: number
}

function traitsOfUnits(): Uint16Array {
  return Uint16Array.from({ length: 0x10000 }, (_, unit) => {
    const [strange, leet] = [isStranger(unit) ? STRANGE : 0, isLeetSign(unit) ? LEET_SIGN : 0]
    const [percent, escape] = [isPercentSign(unit) ? PERCENT_SIGN : 0, isEscapeSign(unit) ? ESCAPE_SIGN : 0]
    return hiddenKinds(unit) | strange | leet | percent | escape | (isShaped(unit) ? SHAPED : 0)
  })
}

export function surveyOf(text: string): Survey {
  const units = unitsOf(text)
  let traits = 0
  for (let at = 0; at < units.length; at++) traits |= TRAITS[units[at] ?? 0] ?? 0
  return { text, units, traits }
}
