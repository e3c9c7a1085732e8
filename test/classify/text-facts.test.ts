import { describe, expect, it } from 'vitest'
import { containsCode, isOpaque } from '../../src/classify/text-facts.ts'

describe('code', () => {
  it.each([
    ['a fence', 'Sure:\n```\nls\n```'],
    ['bare lines', 'import os\n\ndef main():\n    return os.getcwd()\n'],
    [
      'code behind a long preface',
      `${'words and words. '.repeat(3000)}\nconst a = 1\nconst b = 2\nreturn a\n`,
    ],
  ])('is seen in %s', (_, text) => expect(containsCode(text)).toBe(true))

  it('is not seen in prose', () => {
    expect(containsCode('Let us return to the harbour.\nThe class was early.\nFor a while, it rained.')).toBe(
      false,
    )
  })
})

describe('opacity', () => {
  it.each([
    ['another script', 'Сегодня хорошая погода, и мы идём гулять в парк у моря'],
    ['another language', 'Heute scheint die Sonne und wir gehen mit den Kindern an den Strand von Kiel'],
    ['a cipher', 'xqzv lkjw pqow zmxn qpwo rutz vbnm qlaz kdjf mxnz wope tyzq lskd'],
    ['one long run', 'QUJD0123'.repeat(40)],
  ])('is said of %s', (_, text) => expect(isOpaque(text)).toBe(true))

  it.each([
    ['English', 'What is the best way to get to the harbour before the boat leaves?'],
    ['a short word', 'Bonjour'],
    [
      'code',
      'const a = 1\nconst b = 2\nlet total = a + b\nconsole.log(total)\nreturn total\nvar x = y\nlet z = x',
    ],
    ['nothing', ''],
  ])('is not said of %s', (_, text) => expect(isOpaque(text)).toBe(false))
})
