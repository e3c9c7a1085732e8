/** Known media for `samples.ts`, with every nullable field set. */
import type { MediaEntry, MediaFinding } from '../../src/domain/known-media.ts'

/** 2026-01-01T00:00:00Z */
const ADDED_AT_MS = 1_767_225_600_000

export const mediaFinding: MediaFinding = {
  direction: 'output',
  facePresent: false,
  sexualScore: 0.125,
  faceUploaded: true,
  known: {
    match: 'perceptual',
    list: 'list-1',
    entryId: 'entry-1',
    clause: 'prohibited.ncii',
    vetted: true,
    quarantined: false,
    distance: 17,
  },
}

export const mediaEntry: MediaEntry = {
  id: 'list-1/entry-1',
  list: 'list-1',
  clause: 'prohibited.ncii',
  vetted: true,
  quarantined: false,
  sha256: 'a'.repeat(64),
  md5: 'b'.repeat(32),
  pdq: 'c'.repeat(64),
  addedAtMs: ADDED_AT_MS,
  addedBy: 'organization-9',
  expiresAtMs: ADDED_AT_MS + 3_600_000,
}

/** As a request tells of them. */
export const media = [
  {
    sha256: 'b'.repeat(64),
    md5: 'c'.repeat(32),
    pdq: 'd'.repeat(64),
    pdqQuality: 93,
    facePresent: false,
    sexualScore: 0.125,
    direction: 'upload',
  },
] as const
