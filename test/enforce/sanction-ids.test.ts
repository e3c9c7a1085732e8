import { describe, expect, it } from 'vitest'
import { uuidV5 } from '../../src/domain/ids.ts'
import { sanctionIds } from '../../src/enforce/sanction-ids.ts'
import { keyedId, RUN_HASH_KEY } from '../chaos/verifier/ids.ts'
import { CSAM, policy, SANCTION_IDS, signal, T0 } from './support/fixtures.ts'
import { given } from './support/given.ts'

const NAME = { accountId: 'acct-1', clause: CSAM, step: 0, strikeOrdinal: 1, shadow: false }
const keyed = (secret: string) => ({ id: 'k1', secret: Buffer.from(secret) })
const RUN = sanctionIds(keyed(RUN_HASH_KEY))

describe('the id of a sanction', () => {
  it('is a keyed hash as RFC 9562 has it in version 8, worked out by other code', () => {
    for (const clause of [CSAM, 'größer als "ASCII", 日本', 'x'.repeat(300)]) {
      const id = RUN.of({ ...NAME, clause })
      expect(id).toBe(keyedId('sanction', 'acct-1', clause, 0, 1))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  it('is the same for a repeat and another for whatever is different', () => {
    const others = [
      { ...NAME, accountId: 'acct-2' },
      { ...NAME, clause: 'other' },
      { ...NAME, step: 1 },
      { ...NAME, strikeOrdinal: 2 },
      { ...NAME, shadow: true },
    ]
    expect(RUN.of({ ...NAME })).toBe(RUN.of(NAME))
    expect(new Set([NAME, ...others].map((one) => RUN.of(one))).size).toBe(6)
  })

  it('is found by nobody who tries all clauses without the key (P9)', () => {
    const account = given().hear(T0, signal({ clause: CSAM, more: { capability: 'image' } }))
    const { id, accountId, step, strikeOrdinal } = account.act
    const guesses = policy().clauses.flatMap(({ id: clause }) => [
      uuidV5('sanction', accountId, clause, step, strikeOrdinal),
      sanctionIds(keyed('a key that was guessed')).of({
        accountId,
        clause,
        step,
        strikeOrdinal,
        shadow: false,
      }),
    ])
    expect(guesses).not.toContain(id)
    expect(id).toBe(SANCTION_IDS.of({ accountId, clause: CSAM, step, strikeOrdinal, shadow: false }))
  })

  it('is known again where it was made under an earlier key, or before there was one (K2)', () => {
    const now = sanctionIds(keyed('a key that is newer'), [keyed(RUN_HASH_KEY)])
    const plain = uuidV5('sanction', 'acct-1', CSAM, 0, 1)
    for (const id of [now.of(NAME), RUN.of(NAME), plain]) {
      expect(now.isOf(id, NAME)).toBe(true)
      expect(now.isOf(id, { ...NAME, clause: 'other' })).toBe(false)
    }
    expect(now.of(NAME)).not.toBe(RUN.of(NAME))
    const shadow = uuidV5('sanction', 'acct-1', `shadow/${CSAM}`, 0, 1)
    expect(now.isOf(shadow, { ...NAME, shadow: true })).toBe(true)
  })
})
