/**
 * Reads a model bundle from its folder, or refuses it and says every reason at once.
 *
 * B1. What is returned matches the manifest's digests; the session is opened from these very bytes.
 * B2. A refusal names the file and the field; it holds no text of the golden cases.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { goldenSchema, manifestSchema, type Golden, type Manifest } from './manifest.ts'

/** The bundle that the package brings. */
export const DEFAULT_BUNDLE_FOLDER = fileURLToPath(new URL('../../models/default', import.meta.url))

export interface ModelBundle {
  readonly folder: string
  readonly manifest: Manifest
  readonly golden: Golden
  readonly model: Uint8Array
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

/** Manifest, golden cases and model of the bundle in `folder`; throws BundleRefused. */
export async function readBundle(folder: string): Promise<ModelBundle> {
  const reasons: string[] = []
  const files = {
    manifest: await readOrNote(folder, 'manifest.json', reasons),
    golden: await readOrNote(folder, 'golden.json', reasons),
    model: await readOrNote(folder, 'model.onnx', reasons),
  }
  const manifest = parse(manifestSchema, 'manifest.json', files.manifest, reasons)
  const golden = parse(goldenSchema, 'golden.json', files.golden, reasons)
  if (manifest !== null) {
    checkDigest('model.onnx', files.model, manifest.files['model.onnx'], reasons)
    checkDigest('golden.json', files.golden, manifest.files['golden.json'], reasons)
  }
  if (manifest === null || golden === null || files.model === null || reasons.length > 0) {
    throw new BundleRefused(folder, reasons)
  }
  return { folder, manifest, golden, model: files.model }
}

async function readOrNote(folder: string, name: string, reasons: string[]): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, name))
  } catch {
    reasons.push(`${name} cannot be read`)
    return null
  }
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
