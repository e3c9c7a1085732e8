/**
 * The YAML files of a folder.
 *
 * F1. What cannot be read is told like any other mistake, with the name that it has in the folder.
 * F2. Hidden files, as editors lay beside what is being written, are none of them.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../../topology/problem.ts'

export interface YamlFolder {
  /** By name, in the order of the names. */
  readonly texts: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** Null where there is no such folder, or it may not be looked into. */
export function readYamlFolder(folder: string): YamlFolder | null {
  const names = namesIn(folder)
  if (names === null) return null
  const texts = new Map<string, string>()
  const problems: Problem[] = []
  for (const name of names.filter(isYaml).sort()) {
    const read = textOf(join(folder, name))
    if ('text' in read) texts.set(name, read.text)
    else problems.push(unreadable(name, read.refused))
  }
  return { texts, problems }
}

function isYaml(name: string): boolean {
  return name.endsWith('.yaml') && !name.startsWith('.')
}

function namesIn(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder)
  } catch {
    return null
  }
}

function textOf(path: string): { readonly text: string } | { readonly refused: string } {
  try {
    if (statSync(path).isDirectory()) return { refused: 'it is a folder' }
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  }
}

function unreadable(file: string, why: string): Problem {
  const message = `cannot be read: ${why}`
  return { file, line: 1, column: 1, code: 'unreadable', message, hint: null, source: '' }
}
