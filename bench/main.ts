/**
 * `npm run bench -- NAME [OPTION...]`: one benchmark by its name; `npm run bench -- --help` lists them, `NAME --help`
 * says what one of them measures, what it does not, and what it needs. Node is started with the young generation that
 * each thread of `bailiff run` has (16 MiB a half), in which all objects begin, as there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const KNOWN: Readonly<Record<string, string>> = {
  yardstick: 'one exact job in our engine and in peers, on one broker',
  steady: 'the same at a rate, or in several processes; takeover, latency, trends',
  latency: 'from a response to its sanction, on real servers',
  resident: 'the memory that very many accounts take',
  'minted-keys': 'memory while somebody mints keys',
  detect: 'windows and conditions',
  decode: "reading a fetch's answer, by kafkajs' decoder and by ours",
  encode: "writing a request to append, by kafkajs' encoder and by ours",
  commit: 'a commit of 1,000 cells in Redis',
  decisions: 'signals decided in a second, at a million standings',
  'standing-view': "a gateway's view of a million standings",
  classify: 'classification, step by step and at the size of BERT-base',
  'hostile-text': 'reading a megabyte of hostile text',
  robustness: 'recall that disguises cost',
  'known-media': 'look-ups in a list of a million entries',
}

/** What stands at the head of the benchmark's file, without the marks of a comment. */
function headOf(name: string): string {
  const text = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
  const [, head = ''] = /^\/\*\*\n([^]*?)\n \*\//.exec(text) ?? []
  return head.replaceAll(/^ \* ?/gm, '')
}

function listing(): string {
  const lines = Object.entries(KNOWN).map(([name, what]) => `  ${name.padEnd(14)}${what}`)
  return ['usage: npm run bench -- NAME [OPTION...]', '', ...lines, '', 'NAME --help says all of one.'].join(
    '\n',
  )
}

const [name = ''] = process.argv.splice(2, 1)
if (Object.hasOwn(KNOWN, name)) {
  if (process.argv.includes('--help')) console.log(headOf(name))
  else await import(`./${name}.ts`)
} else {
  const asked = name === '--help'
  ;(asked ? console.log : console.error)(listing())
  process.exitCode = asked ? 0 : 2
}
