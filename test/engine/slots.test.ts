import { expect, it } from 'vitest'
import { Slots } from '../../src/engine/slots.ts'

it('slots are live until time has come to their end, and are forgotten then (P7)', () => {
  const slots = new Slots({ facts: null, old: 10 })
  const fresh = { name: 'new', expiresAtMs: 20 }
  expect(slots.open(fresh, 9)).toBe(true)
  expect(slots.takeExpired(9)).toEqual([])
  expect(slots.takeExpired(10)).toEqual(['old'])
  expect([...slots.names()].sort()).toEqual(['facts', 'new'])
  expect(slots.takeExpired(20)).toEqual(['new'])
  expect(slots.open(fresh, 20)).toBe(false)
  expect(slots.stored()).toEqual({ facts: null })
})
