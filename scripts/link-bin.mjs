// Makes `npx bailiff` work in a clone: npm links the commands of dependencies, not those of the package itself.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const binFolder = join(root, 'node_modules', '.bin')
if (existsSync(join(root, 'node_modules'))) {
  mkdirSync(binFolder, { recursive: true })
  const link = join(binFolder, 'bailiff')
  rmSync(link, { force: true })
  symlinkSync(relative(binFolder, join(root, 'bin', 'bailiff.mjs')), link)
}
