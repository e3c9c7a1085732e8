/** Tables as a terminal can show them. */
import { describe, expect, it } from 'vitest'
import { tableWithin } from '../../src/cli/terminal.ts'

const HEAD = ['who', 'what happened', 'why']
const ROWS = [
  ['acct-1', 'warning (account)', 'requests_1h 900, slotEnumeration_1h 1'],
  ['acct-2', 'restriction (api)', 'keys_1h 7'],
]

describe('a table', () => {
  it('that fits has a line a row', () => {
    expect(tableWithin(80, HEAD, ROWS)).toEqual([
      'who     what happened      why',
      'acct-1  warning (account)  requests_1h 900, slotEnumeration_1h 1',
      'acct-2  restriction (api)  keys_1h 7',
    ])
  })

  it('that does not fit has a paragraph a row, broken between words', () => {
    const lines = tableWithin(40, HEAD, ROWS)
    expect(lines).toEqual([
      'acct-1',
      '  what happened  warning (account)',
      '  why            requests_1h 900,',
      '                 slotEnumeration_1h 1',
      'acct-2',
      '  what happened  restriction (api)',
      '  why            keys_1h 7',
    ])
  })
})
