/** Sanctions in rows of bytes say what they would say as objects, whatever comes and goes. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PlainSanctions } from '../../src/client/plain-sanctions.ts'
import { uuidV5 } from '../../src/domain/ids.ts'
import type { ActiveSanction } from '../../src/domain/standing.ts'

const NOW_MS = 1_800_000_000_000

function sanction(accountId: string, n: number, more: Partial<ActiveSanction> = {}): ActiveSanction {
  return {
    sanctionId: uuidV5('sanction', accountId, n),
    act: (['restriction', 'suspension', 'termination'] as const)[n % 3] ?? 'suspension',
    scope: n % 2 === 0 ? 'account' : 'api',
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account',
    actorId: accountId,
    reasonCode: `reason-${n % 5}`,
    effectiveAtMs: 0,
    endsAtMs: n % 4 === 0 ? null : NOW_MS + n,
    ...more,
  }
}

interface Move {
  readonly account: number
  readonly n: number | null
}

const moves = fc.array(fc.record<Move>({ account: fc.nat(400), n: fc.option(fc.nat(1_000)) }), {
  minLength: 1,
  maxLength: 3_000,
  size: 'max',
})
/** Of many lengths, since rows are used again. */
const nameOf = (account: number): string => `acct-${'x'.repeat(account % 27)}-ü${account}`

it('tells of every account what was set last, and nothing of one that was removed', () => {
  fc.assert(
    fc.property(moves, (all) => {
      const columns = new PlainSanctions()
      const model = new Map<string, ActiveSanction>()
      for (const { account, n } of all) {
        const name = nameOf(account)
        if (n === null) {
          columns.remove(name)
          model.delete(name)
        } else {
          expect(columns.set(name, sanction(name, n), NOW_MS)).toBe(true)
          model.set(name, sanction(name, n))
        }
      }
      expect(columns.size).toBe(model.size)
      for (let account = 0; account <= 400; account++)
        expect(columns.of(nameOf(account))).toEqual(model.get(nameOf(account)))
    }),
    { numRuns: 30, seed: 20_261_126 },
  )
})

it('refuses what it could not tell whole, and forgets what the account had', () => {
  const name = 'acct'
  for (const more of [
    { scope: 'key', scopeTarget: 'k' },
    { rateCeilingPerMinute: 10 },
    { actorId: 'another' },
    { actorLevel: 'organization' },
    { effectiveAtMs: NOW_MS + 1 },
    { sanctionId: 'no name-based id' },
  ] as const) {
    const columns = new PlainSanctions()
    columns.set(name, sanction(name, 2), NOW_MS)
    expect(columns.set(name, sanction(name, 2, more), NOW_MS)).toBe(false)
    expect(columns.of(name)).toBeUndefined()
    expect(columns.size).toBe(0)
  }
  for (const other of ['名前', 'x'.repeat(38)])
    expect(new PlainSanctions().set(other, sanction(other, 2), NOW_MS)).toBe(false)
  expect(new PlainSanctions().set('x'.repeat(37), sanction('x'.repeat(37), 2), NOW_MS)).toBe(true)
})
