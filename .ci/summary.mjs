// Adds up what the test runner reported in its JSON files and prints it as one line.
import { readFileSync } from 'node:fs'

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
const sum = (field) => reports.reduce((total, report) => total + report[field], 0)
const skipped = sum('numPendingTests') + sum('numTodoTests')
process.stdout.write(`${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${skipped} skipped\n`)
if (sum('numPassedTests') === 0 || sum('numFailedTests') > 0) process.exitCode = 1
