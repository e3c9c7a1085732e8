#!/usr/bin/env node
// Starts the command line on Node 24: the one that runs this file if it is new enough, else the one that the
// development dependencies bring. In a clone the sources run as they are; the published package has `dist`.
// What V8 made of them the last time is kept beside them, not in the folder for temporary files, where anybody could
// lay down code for us; where nothing can be written, nothing is kept.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src', 'cli', 'main.ts')
const main = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js')
const REQUIRED_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  const { enableCompileCache } = await import('node:module')
  const compiled = join(root, '.cache', 'compiled')
  enableCompileCache(compiled)
  // Threads and processes that we start look for it here: each of them compiles all it needs.
  process.env.NODE_COMPILE_CACHE ??= compiled
  await import(pathToFileURL(main).href)
} else {
  const node = join(root, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(node)) {
    process.stderr.write(
      `bailiff needs Node ${REQUIRED_MAJOR} or newer; this is ${process.versions.node}.\n` +
        'Run `npm run setup` in the clone (it brings one), or install Node 24.\n',
    )
    process.exit(2)
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}
