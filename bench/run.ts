/** Runs one bench by its name: `npm run bench -- yardstick [arguments]`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BENCHES: Readonly<Record<string, string>> = {
  yardstick: 'yardstick/compare.ts',
  detect: 'detect.ts',
}

const [name = '', ...rest] = process.argv.slice(2)
const file = BENCHES[name]
if (file === undefined) {
  console.error(`Name a bench: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
const path = fileURLToPath(new URL(file, import.meta.url))
process.exit(spawnSync(process.execPath, [path, ...rest], { stdio: 'inherit' }).status ?? 1)
