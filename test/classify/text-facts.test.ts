import { describe, expect, it } from 'vitest'
import { containsCode, isOpaque } from '../../src/classify/text-facts.ts'

const PROSE = 'The boat left the harbour in the morning, and it was a fine day for all of us. '
/** `hidden` where neither the beginning, nor the middle, nor the end of the text is. */
const padded = (hidden: string): string => `${PROSE.repeat(800)}\n${hidden}\n${PROSE.repeat(2_400)}`

describe('code', () => {
  it.each([
    ['a fence', 'Sure:\n```\nls\n```'],
    ['bare lines', 'import os\n\ndef main():\n    return os.getcwd()\n'],
    [
      'code behind a long preface',
      `${'words and words. '.repeat(3000)}\nconst a = 1\nconst b = 2\nreturn a\n`,
    ],
    ['code between pages of prose', padded('const a = 1\nconst b = 2\nreturn a')],
    ['a fence between pages of prose', padded('```\nls\n```')],
    ['lines that end as on Windows', 'run(a);\r\nrun(b);\r\nrun(c);\r\n'],
    ['tags', '<div class="a">\n  <p>one</p>\n</div>'],
    ['assignments', 'a = 1;\nb = a + 1;\nc = [a, b];'],
    ['conditions', 'if (a) {\n} else\nwhile(b)\n  for (;;)'],
  ])('is seen in %s', (_, text) => expect(containsCode(text)).toBe(true))

  it('is not seen in a book that begins a line with one of its words now and then', () => {
    const chapter = `${PROSE.replaceAll('. ', '.\n').repeat(100)}let us return\n`
    expect(containsCode(chapter.repeat(20))).toBe(false)
  })

  it('is not seen in prose', () => {
    expect(containsCode('Let us return to the harbour.\nThe class was early.\nFor a while, it rained.')).toBe(
      false,
    )
  })
})

describe('opacity', () => {
  it.each([
    ['a run of letters that is more than the English around it', `${PROSE.repeat(10)}${'x'.repeat(900)}`],
    ['runs at either end of English', `${'x'.repeat(450)} ${PROSE.repeat(10)} ${'x'.repeat(450)}`],
    ['another script', 'Сегодня хорошая погода, и мы идём гулять в парк у моря'],
    ['another language', 'Heute scheint die Sonne und wir gehen mit den Kindern an den Strand von Kiel'],
    ['a cipher', 'xqzv lkjw pqow zmxn qpwo rutz vbnm qlaz kdjf mxnz wope tyzq lskd'],
    ['one long run', 'QUJD0123'.repeat(40)],
    [
      'another script between pages of English',
      padded('Сегодня хорошая погода, мы идём в парк. '.repeat(400)),
    ],
    [
      'another language between pages of English',
      padded('Heute scheint die Sonne und wir gehen an den Strand von Kiel. '.repeat(260)),
    ],
    ['a long run between pages of English', padded('QUJD0123'.repeat(2_000))],
    ['a cipher behind a fence', `\`\`\`\nls\n\`\`\`\n${'xqzv lkjw pqow zmxn qpwo rutz '.repeat(600)}`],
  ])('is said of %s', (_, text) => expect(isOpaque(text)).toBe(true))

  it.each([
    ['English', 'What is the best way to get to the harbour before the boat leaves?'],
    ['a short word', 'Bonjour'],
    [
      'code',
      'const a = 1\nconst b = 2\nlet total = a + b\nconsole.log(total)\nreturn total\nvar x = y\nlet z = x',
    ],
    ['nothing', ''],
    ['a run of letters that is less than the English around it', `${PROSE.repeat(10)}${'x'.repeat(700)}`],
    ['many runs, each as long as a word may be', `the ${'x'.repeat(79)} of `.repeat(20)],
    ['a book in English', PROSE.repeat(4_000)],
    [
      'pages of something fenced',
      `Here:\n\`\`\`yaml\n${'- alpha beta: gamma delta\n'.repeat(1_500)}\`\`\`\n`,
    ],
    ['English with a foreign name or two', `${PROSE.repeat(300)} Анна Каренина`],
  ])('is not said of %s', (_, text) => expect(isOpaque(text)).toBe(false))
})
