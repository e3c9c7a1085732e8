#!/usr/bin/env node
// @ts-check
// `npm run install:cuda`: the CUDA provider of ONNX Runtime, which its npm package does not bring, from PyPI. The wheel
// of the same version is the same build (told by the commit in both cores, and refused otherwise); NVIDIA's libraries
// come as wheels too, of the CUDA version that the provider was linked with. Needs Linux on x64, python3 with pip, about
// 2.5 GB on disk. The driver is the machine's own business.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PACKAGE = join(ROOT, 'node_modules', 'onnxruntime-node')
const BINDING = join(PACKAGE, 'bin', 'napi-v6', 'linux', 'x64')
const PROVIDERS = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so']
const PLATFORMS = [
  'manylinux_2_28',
  'manylinux_2_27',
  'manylinux_2_17',
  'manylinux2014',
  'manylinux2010',
  'manylinux1',
]

/** Of each CUDA version: what the provider is linked with, and what it opens when an operator asks for it. */
/** @type {Record<string, string[]>} */
const NVIDIA = {
  13: [
    'nvidia-cublas~=13.0',
    'nvidia-cuda-runtime~=13.0',
    'nvidia-curand~=10.4',
    'nvidia-cufft~=12.0',
    'nvidia-cuda-nvrtc~=13.0',
    'nvidia-cudnn-cu13',
  ],
}

class InstallError extends Error {}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new InstallError(`${command} ${args.slice(0, 3).join(' ')} ... failed`)
}

/** @param {string} folder @param {string[]} requirements */
function download(folder, requirements) {
  const platforms = PLATFORMS.flatMap((name) => ['--platform', `${name}_x86_64`])
  const how = ['--no-deps', '--only-binary=:all:', '--python-version', '3.12', ...platforms]
  run('python3', ['-m', 'pip', 'download', '--quiet', ...how, '--dest', folder, ...requirements])
  for (const wheel of readdirSync(folder).filter((name) => name.endsWith('.whl'))) {
    run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder])
    rmSync(join(folder, wheel))
  }
}

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** @param {string} file @param {RegExp} pattern @returns {string | undefined} */
function foundIn(file, pattern) {
  return pattern.exec(readFileSync(file, 'latin1'))?.[1]
}

/** @param {string[]} files @param {string | RegExp} name @returns {string} */
function named(files, name) {
  const found = files.find((file) => (typeof name === 'string' ? file.endsWith(`/${name}`) : name.test(file)))
  if (found === undefined) throw new InstallError(`the wheel has no ${name}`)
  return found
}

/** @param {string[]} wheel */
function requireSameBuild(wheel) {
  const commit = /git-commit-id=([0-9a-f]+)/
  const theirs = foundIn(named(wheel, /onnxruntime_pybind11_state[^/]*\.so$/), commit)
  const ours = foundIn(join(BINDING, 'libonnxruntime.so.1'), commit)
  if (ours === undefined || ours !== theirs)
    throw new InstallError(`builds differ: npm's is ${ours ?? 'unknown'}, PyPI's ${theirs ?? 'unknown'}`)
}

/** Whether the provider loads now, as a scoring process will see it. */
function verdict() {
  const load = `process.dlopen({ exports: {} }, ${JSON.stringify(join(BINDING, PROVIDERS[1] ?? ''))})`
  const env = { LD_LIBRARY_PATH: join(BINDING, 'cuda') }
  const { stderr } = spawnSync(process.execPath, ['-e', load], { env })
  const missing = /(\S+): cannot open shared object file/.exec(stderr.toString())?.[1]
  if (missing === undefined) return 'The provider loads.'
  if (missing.startsWith('libcuda.so')) return `Only the GPU's driver is missing (${missing}).`
  throw new InstallError(`${missing} is still missing`)
}

/** @param {string} folder */
function install(folder) {
  if (!existsSync(BINDING)) throw new InstallError('needs Linux on x64, and `npm install` before')
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  console.error(`onnxruntime-gpu ${version} ...`)
  download(join(folder, 'onnxruntime'), [`onnxruntime-gpu==${version}`])
  const wheel = filesUnder(join(folder, 'onnxruntime'))
  requireSameBuild(wheel)
  const major = foundIn(named(wheel, PROVIDERS[1] ?? ''), /libcudart\.so\.(\d+)/) ?? 'unknown'
  const libraries = NVIDIA[major]
  if (libraries === undefined) throw new InstallError(`no list of libraries for CUDA ${major}`)
  console.error(`libraries of CUDA ${major} ...`)
  download(join(folder, 'nvidia'), libraries)
  mkdirSync(join(BINDING, 'cuda'), { recursive: true })
  for (const name of PROVIDERS) copyFileSync(named(wheel, name), join(BINDING, name))
  for (const file of filesUnder(join(folder, 'nvidia'))) {
    const name = file.split('/').at(-1) ?? ''
    if (/^lib.*\.so/.test(name)) copyFileSync(file, join(BINDING, 'cuda', name))
  }
  console.log(`CUDA provider of ONNX Runtime ${version} installed. ${verdict()}`)
}

const folder = mkdtempSync(join(tmpdir(), 'bailiff-cuda-'))
try {
  for (const name of ['onnxruntime', 'nvidia']) mkdirSync(join(folder, name))
  install(folder)
} catch (error) {
  if (!(error instanceof InstallError)) throw error
  console.error(`install:cuda: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
