// Installs the dependencies when they are missing or older than the lock file, so that `npm run demo` and
// `npm test` work straight after a clone. Runs on Node 20 (the Node that we run on comes with the packages).
// The installation of CUDA pieces is left out: it is large, needs another registry, and has a command of its own.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installed = join(root, 'node_modules', '.package-lock.json')
const wanted = join(root, 'package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  process.stderr.write('Installing dependencies (once) ...\n')
  const result = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  })
  if (result.status !== 0) {
    process.stderr.write('npm ci failed; run it by hand to see why.\n')
    process.exit(1)
  }
}
