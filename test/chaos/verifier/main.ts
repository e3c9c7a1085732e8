/** `node test/chaos/verifier/main.ts FOLDER`: judges what a run left behind, once more. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judge } from './judge.ts'

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('Say which folder: node test/chaos/verifier/main.ts FOLDER\n')
  process.exit(2)
}
const run: unknown = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
const untilMs = typeof run === 'object' && run !== null && 'untilMs' in run ? Number(run.untilMs) : 0
const { lost, doubled, wrong, held, latestLiftingMs, problems } = judge(folder, untilMs)
for (const problem of problems) process.stdout.write(`${problem}\n`)
process.stdout.write(`${JSON.stringify({ held, latestLiftingMs })}\n`)
process.stdout.write(`lost ${lost} doubled ${doubled} wrong ${wrong}\n`)
process.exitCode = lost + doubled + wrong === 0 ? 0 : 1
