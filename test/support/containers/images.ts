// The images of the three services. Where the official ones can be had, those; else images of our own, built from
// this machine's files, which understand the same variables and options, so that the tests see no difference.
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchAll } from '../../../scripts/services/all.mjs'
import { findCommand } from '../../../scripts/services/command.mjs'
import { kafkaLibs } from '../../../scripts/services/kafka.mjs'
import { registryHome } from '../../../scripts/services/registry.mjs'
import { VERSIONS, resolveSettings } from '../../../scripts/services/settings.mjs'
import { ROOT, docker } from './docker.ts'
import { addJava, addPrograms, emptyRoot } from './root-folder.ts'

/** The image names of one run. */
export type Images = { readonly kafka: string; readonly registry: string; readonly redis: string }

export const OFFICIAL: Images = {
  kafka: `apache/kafka:${VERSIONS.kafka}`,
  registry: `apicurio/apicurio-registry:${VERSIONS.registry}`,
  redis: `redis:${VERSIONS.redis}`,
}

type Report = (line: string) => void
type BuiltName = keyof Images | 'java'

/**
 * Images that the daemon at `host` has when this returns: ours if they were built before, else the official ones,
 * else ours, built now.
 */
export async function requireImages(host: string, report: Report): Promise<Images> {
  const built = builtNames()
  if (await hasAll(host, built)) return built
  if ((await hasAll(host, OFFICIAL)) || (await pullAll(host, OFFICIAL))) return OFFICIAL
  report('the official images cannot be pulled; building images from the files of this machine')
  await buildAll(host, built, report)
  return built
}

async function hasAll(host: string, images: Images): Promise<boolean> {
  return (await docker(host, ['image', 'inspect', ...Object.values(images)])).code === 0
}

async function pullAll(host: string, images: Images): Promise<boolean> {
  for (const image of Object.values(images)) {
    if ((await docker(host, ['pull', '--quiet', image])).code !== 0) return false
  }
  return true
}

/** The tag names the recipe, so that a changed recipe is another image. */
function builtName(name: BuiltName): string {
  return `bailiff-test/${name}:${recipeDigest()}`
}

function builtNames(): Images {
  return { kafka: builtName('kafka'), registry: builtName('registry'), redis: builtName('redis') }
}

function recipeDigest(): string {
  const hash = createHash('sha256').update(JSON.stringify(VERSIONS))
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).sort()
  const recipes = files.filter((file) => /Dockerfile$|\.sh$|root-folder\.ts$/.test(file))
  for (const file of recipes) hash.update(readFileSync(join(import.meta.dirname, file)))
  return hash.digest('hex').slice(0, 12)
}

/** What a machine needs for building, and lacks. */
export function missingForBuild(): string[] {
  const programs = {
    jlink: 'openjdk-17-jdk-headless',
    'redis-server': 'redis-server',
    bash: 'bash',
    ldd: 'libc-bin',
  }
  const missing = Object.entries(programs).filter(([program]) => findCommand(program) === undefined)
  return missing.map(
    ([program, debian]) => `${program} is needed to build images (apt-get install ${debian})`,
  )
}

async function buildAll(host: string, images: Images, report: Report): Promise<void> {
  const missing = missingForBuild()
  if (missing.length > 0) throw new Error(missing.join('\n'))
  const settings = resolveSettings({}, {}, ROOT)
  await fetchAll(settings, report)
  await build(host, 'redis', images.redis, report, fillRedis)
  await build(host, 'java', builtName('java'), report, fillJava)
  await build(host, 'kafka', images.kafka, report, async (context) => {
    cpSync(kafkaLibs(settings), join(context, 'libs'), { recursive: true })
  })
  await build(host, 'registry', images.registry, report, async (context) => {
    cpSync(registryHome(settings), join(context, 'home'), { recursive: true })
    const runner = `apicurio-registry-app-${VERSIONS.registry}-runner.jar`
    renameSync(join(context, 'home', runner), join(context, 'home', 'runner.jar'))
  })
}

async function fillRedis(context: string): Promise<void> {
  emptyRoot(join(context, 'root'))
  await addPrograms(join(context, 'root'), ['bash', 'redis-server', 'redis-cli'])
}

async function fillJava(context: string): Promise<void> {
  emptyRoot(join(context, 'root'))
  await addPrograms(join(context, 'root'), ['bash'])
  await addJava(join(context, 'root'))
}

/** Builds one image from its folder here plus what `fill` adds to a copy of it. */
async function build(
  host: string,
  name: BuiltName,
  image: string,
  report: Report,
  fill: (context: string) => Promise<void>,
): Promise<void> {
  const startedAt = Date.now()
  const context = mkdtempSync(join(tmpdir(), `bailiff-image-${name}-`))
  try {
    cpSync(join(import.meta.dirname, name), context, { recursive: true })
    await fill(context)
    const { code, output } = await docker(host, [
      'build',
      '-q',
      '--build-arg',
      `JAVA=${builtName('java')}`,
      '-t',
      image,
      context,
    ])
    if (code !== 0) throw new Error(`docker build of ${name} failed:\n${output}`)
    report(`${name}: built ${image} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}
