/** The key under which content and addresses are hashed, as the settings give it. */
import type { HashKey } from '../../domain/hash-key.ts'
import { sanctionIds, type SanctionIds } from '../../enforce/sanction-ids.ts'
import type { Settings } from '../../service/settings.ts'

export function hashKeyOf({ hashKey, hashKeyId }: Settings): HashKey {
  return { id: hashKeyId, secret: Buffer.from(hashKey) }
}

/** Ids of sanctions under it; those of earlier keys are known again. */
export function sanctionIdsOf(settings: Settings): SanctionIds {
  const former = settings.formerHashKeys.map((key, at) => ({ id: `former-${at}`, secret: Buffer.from(key) }))
  return sanctionIds(hashKeyOf(settings), former)
}
