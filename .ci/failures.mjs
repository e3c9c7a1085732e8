// Names the tests that failed in the test runner's JSON files, each with the beginning of its message: the last
// lines of a run are what people read.
import { existsSync, readFileSync } from 'node:fs'

const MOST_LINES = 30
const MESSAGE_LINES = 3
const here = `${process.cwd()}/`

/** Lines that tell of one test file: of its tests that failed, and of itself where it did not get as far as tests. */
function failures({ name, status, message, assertionResults }) {
  const file = name.replace(here, '')
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (failed.length === 0 && status === 'failed') return described(file, message)
  return failed.flatMap((test) => described(`${file}: ${test.fullName}`, test.failureMessages.join('\n')))
}

function described(title, message) {
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  return [`FAILED ${title}`, ...lines.slice(0, MESSAGE_LINES).map((line) => `    ${line}`)]
}

const reports = process.argv.slice(2).filter((file) => existsSync(file))
const lines = reports.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults.flatMap(failures))
process.stderr.write(
  lines
    .slice(0, MOST_LINES)
    .map((line) => `${line}\n`)
    .join(''),
)
if (lines.length > MOST_LINES) process.stderr.write(`(and ${lines.length - MOST_LINES} lines more)\n`)
