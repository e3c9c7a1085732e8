// The file tree of an image that starts from nothing: programs of this machine with the libraries that they load.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findCommand, mustRun, run } from '../../../scripts/services/command.mjs'

/** Makes an empty root with the folders and the one user that programs expect. */
export function emptyRoot(root: string): void {
  for (const folder of ['bin', 'etc', 'tmp', 'data']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/bash\n')
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\n')
}

/** Copies programs to /bin of the root, under their own names, with their libraries. */
export async function addPrograms(root: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = findCommand(name)
    if (path === undefined) throw new Error(`${name} is not on PATH`)
    copyFileSync(path, join(root, 'bin', basename(path)))
    await addLibraries(root, [path])
  }
}

/** Copies what the loader would load for these files, to the same places. Libraries that lack here lack there. */
export async function addLibraries(root: string, files: readonly string[]): Promise<void> {
  const { output } = await run('ldd', [...files])
  for (const library of librariesIn(output)) {
    const target = join(root, library)
    if (existsSync(target) || !existsSync(library)) continue
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(library, target)
  }
}

/** `libz.so.1 => /lib/libz.so.1 (0x7f)` and, for the loader itself, `/lib64/ld-linux-x86-64.so.2 (0x7f)`. */
export function librariesIn(lddOutput: string): string[] {
  const matches = lddOutput.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)
  return [...new Set([...matches].map(([, path]) => path ?? ''))]
}

// What libraries inside jars may ask for while Java itself does not: zstd wants the old name of the threads.
const LATE_LIBRARIES = [
  'libpthread.so.0',
  'libdl.so.2',
  'librt.so.1',
  'libm.so.6',
  'libgcc_s.so.1',
  'libstdc++.so.6',
]

async function addLateLibraries(root: string, program: string): Promise<void> {
  const libc = librariesIn((await run('ldd', [program])).output).find((path) => path.includes('/libc.so'))
  if (libc === undefined) throw new Error(`${program} does not load a C library`)
  const present = LATE_LIBRARIES.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path))
  for (const path of present) copyFileSync(path, join(root, path))
}

// Shorter lists of modules break the registry.
const MODULES = 'java.se,jdk.crypto.ec,jdk.unsupported,jdk.zipfs,jdk.management'

/** Puts a Java runtime without development files at /opt/java of the root. */
export async function addJava(root: string): Promise<void> {
  mkdirSync(join(root, 'opt'), { recursive: true })
  const home = join(root, 'opt', 'java')
  const slim = ['--strip-debug', '--no-header-files', '--no-man-pages', '--compress=2']
  await mustRun('No Java runtime could be linked', 'jlink', [
    '--add-modules',
    MODULES,
    ...slim,
    '--output',
    home,
  ])
  const { output } = await run('find', [home, '-name', '*.so', '-o', '-path', '*/bin/java'])
  await addLibraries(root, output.trim().split('\n'))
  await addLateLibraries(root, join(home, 'bin', 'java'))
}
