/**
 * Walks with one template through what others have numbered: the pages of a shop, the articles of a register or the
 * houses of a town; which of them is drawn. Written from the catalogue of the clauses, apart from the detector. Takes
 * one after the other; the more careful, the more it jumps, and the more shops it goes through at once.
 */
import type { Random } from '../../random.ts'
import { between, type Abuser, type Act } from '../act.ts'
import { knowing, taker, type Taking } from './taker.ts'

/** What it walks through has so many. */
const LENGTH = 60_000
const HOUSES = 120
const STREETS = 'Elm Oak Mill Church Station Garden Bridge Market School Park Hill Lake'.split(' ')

interface Walk {
  readonly wordings: readonly string[]
  at(ordinal: number): string
}

export const systematic: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 11,
  hours: 6,
  play: (act) => taker(act, walking(act)),
}

function walking(act: Act): Taking {
  const { random } = act
  const walk = random.pick([pages, articles, houses])(act)
  const jumps = between(act, 0, 0.8)
  let ordinal = random.integer(0, LENGTH)
  const next = () => {
    ordinal = random.chance(jumps) ? random.integer(0, LENGTH) : (ordinal + 1) % LENGTH
    return walk.at(ordinal)
  }
  return { wordings: walk.wordings, next }
}

function pages(act: Act): Walk {
  const { random } = act
  const first = random.integer(100, 900)
  const shops = Math.round(knowing(act, 1, 5, 12))
  return {
    wordings: [
      'Read the product page {it} and give its title, price and seller as JSON',
      'Which price, and in which currency, does {it} ask?',
      'Make a line of our price table out of {it}',
      'What is sold at {it}, by whom and for how much?',
      'Fill in name, price and stock from {it}',
    ],
    at: (ordinal) => `https://shop${first + random.integer(0, shops)}.example/products/${10_000 + ordinal}`,
  }
}

/** Each maker has a number of its own, and counts its articles. */
function articles({ random }: Act): Walk {
  const maker = random.integer(4_000_000, 4_400_000)
  return {
    wordings: [
      'Give the name, maker and usual price of the article with EAN {it} as JSON',
      'What is EAN {it}, and what does it cost?',
      'Make a record of our catalogue for EAN {it}',
      'Which product has the bar code {it}?',
      'EAN {it}: name, weight and maker, please',
    ],
    at: (ordinal) => `${maker}${String(ordinal).padStart(6, '0')}`,
  }
}

function houses({ random }: Act): Walk {
  const town = townOf(random)
  return {
    wordings: [
      'For how much was the house at {it} last sold? Answer as JSON with date and price',
      'Estimate the rent of {it}',
      'Make a line of our table of house prices for {it}',
      'When was {it} built, and how large is it?',
      'Year, size and price of {it}, please',
    ],
    at: (ordinal) => {
      const street = STREETS[Math.floor(ordinal / HOUSES) % STREETS.length] ?? ''
      return `${(ordinal % HOUSES) + 1} ${street} Street, ${town + Math.floor(ordinal / HOUSES / STREETS.length)}`
    },
  }
}

/** By its postal code, and the codes after it. */
function townOf(random: Random): number {
  return random.integer(10_000, 90_000)
}
