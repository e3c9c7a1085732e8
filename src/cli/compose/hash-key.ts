/** The key under which content and addresses are hashed, as the settings give it. */
import type { HashKey } from '../../domain/hash-key.ts'
import type { Settings } from '../../service/settings.ts'

export function hashKeyOf({ hashKey, hashKeyId }: Settings): HashKey {
  return { id: hashKeyId, secret: Buffer.from(hashKey) }
}
