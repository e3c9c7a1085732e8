/**
 * Reads model bundles from their folders, or refuses them and says every reason at once.
 *
 * B1. What is returned matches the manifest's digests; the session is opened from these very bytes.
 * B2. A refusal names the file and the field; it holds no text of the golden cases.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import {
  cascadeSchema,
  goldenSchema,
  manifestSchema,
  type Escalation,
  type Golden,
  type Manifest,
} from './manifest.ts'

/** The bundle that the package brings. */
export const DEFAULT_BUNDLE_FOLDER = fileURLToPath(new URL('../../../models/default', import.meta.url))

export interface ModelBundle {
  readonly folder: string
  readonly manifest: Manifest
  readonly golden: Golden
  readonly model: Uint8Array
  /** Null where the model takes no token ids. */
  readonly tokenizer: string | null
}

/** A model, and after which findings of those before it is asked; always, where there are none before. */
export interface CascadeStep {
  readonly bundle: ModelBundle
  readonly when: readonly Escalation[]
}

/** A bundle that must not be used; `reasons` are complete sentences for whoever made it. */
export class BundleRefused extends Error {
  readonly code = 'BUNDLE_REFUSED'
  readonly reasons: readonly string[]

  constructor(folder: string, reasons: readonly string[]) {
    super(`model bundle ${folder} refused: ${reasons.join('; ')}`)
    this.name = 'BundleRefused'
    this.reasons = reasons
  }
}

/** What was open can't be opened again: the folder holds something else now, or half of it. */
export class BundleGone extends Error {
  readonly code = 'BUNDLE_GONE'
  readonly reasons: readonly string[]

  constructor(folder: string, reasons: readonly string[]) {
    super(`the models that were opened from ${folder} are gone: ${reasons.join('; ')}`)
    this.name = 'BundleGone'
    this.reasons = reasons
  }
}

/** The models of `folder`, cheapest first: several where it has a cascade.json, else one. Throws BundleRefused. */
export async function readCascade(folder: string): Promise<readonly CascadeStep[]> {
  const bytes = await readOrNull(folder, CASCADE_FILE)
  if (bytes === null) return [{ bundle: await readBundle(folder), when: [] }]
  const reasons: string[] = []
  const cascade = parse(cascadeSchema, CASCADE_FILE, bytes, reasons)
  if (cascade === null) throw new BundleRefused(folder, reasons)
  const steps: CascadeStep[] = []
  for (const model of cascade.models) {
    steps.push({ bundle: await readBundle(join(folder, model.folder)), when: model.when ?? [] })
  }
  return steps
}

/** Changes whenever a model of `folder` does, or what they are asked after; null while there is none to be read. */
export async function bundleIdentity(folder: string): Promise<string | null> {
  const cascadeBytes = await readOrNull(folder, CASCADE_FILE)
  const cascade = cascadeBytes === null ? null : parse(cascadeSchema, CASCADE_FILE, cascadeBytes, [])
  const folders = cascade?.models.map((model) => join(folder, model.folder)) ?? [folder]
  const hash = createHash('sha256').update(cascadeBytes ?? '')
  for (const one of folders) {
    const manifest = await readOrNull(one, MANIFEST_FILE)
    if (manifest === null) return null
    hash.update(manifest)
  }
  return hash.digest('hex')
}

/** Manifest, golden cases, model and tokenizer of the bundle in `folder`; throws BundleRefused. */
export async function readBundle(folder: string): Promise<ModelBundle> {
  const reasons: string[] = []
  const files = {
    manifest: await readOrNote(folder, MANIFEST_FILE, reasons),
    golden: await readOrNote(folder, 'golden.json', reasons),
    model: await readOrNote(folder, 'model.onnx', reasons),
  }
  const manifest = parse(manifestSchema, MANIFEST_FILE, files.manifest, reasons)
  const golden = parse(goldenSchema, 'golden.json', files.golden, reasons)
  let tokenizer: Uint8Array | null = null
  if (manifest !== null) {
    checkDigest('model.onnx', files.model, manifest.files['model.onnx'], reasons)
    checkDigest('golden.json', files.golden, manifest.files['golden.json'], reasons)
    tokenizer = await readTokenizer(folder, manifest.files['tokenizer.json'], reasons)
  }
  if (manifest === null || golden === null || files.model === null || reasons.length > 0) {
    throw new BundleRefused(folder, reasons)
  }
  const text = tokenizer === null ? null : Buffer.from(tokenizer).toString('utf8')
  return { folder, manifest, golden, model: files.model, tokenizer: text }
}

const MANIFEST_FILE = 'manifest.json'
const CASCADE_FILE = 'cascade.json'

async function readTokenizer(
  folder: string,
  digest: string | undefined,
  reasons: string[],
): Promise<Uint8Array | null> {
  if (digest === undefined) return null
  const bytes = await readOrNote(folder, 'tokenizer.json', reasons)
  checkDigest('tokenizer.json', bytes, digest, reasons)
  return bytes
}

async function readOrNull(folder: string, name: string): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, name))
  } catch {
    return null
  }
}

async function readOrNote(folder: string, name: string, reasons: string[]): Promise<Uint8Array | null> {
  const bytes = await readOrNull(folder, name)
  if (bytes === null) reasons.push(`${name} cannot be read`)
  return bytes
}

function parse<T extends z.ZodType>(
  schema: T,
  name: string,
  bytes: Uint8Array | null,
  reasons: string[],
): z.infer<T> | null {
  if (bytes === null) return null
  const parsed = schema.safeParse(parseJson(bytes))
  if (parsed.success) return parsed.data
  reasons.push(
    ...parsed.error.issues.map((issue) => `${name} at ${issue.path.join('.') || 'top'}: ${issue.message}`),
  )
  return null
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function checkDigest(name: string, bytes: Uint8Array | null, expected: string, reasons: string[]): void {
  if (bytes === null) return
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual !== expected) reasons.push(`${name} has digest ${actual}, the manifest says ${expected}`)
}
