/** A grant with everything that a platform may tell of one. */
import type { Grant } from '../../src/domain/account.ts'

export const grant: Grant = {
  kind: 'bulkProcessing',
  issuedBy: 'person-1',
  reason: 'nightly archive',
  expiresAtMs: Date.UTC(2027, 0, 11),
  scope: { level: 'project', id: 'project-1' },
  capRequestsPerHour: 20_000,
  evidence: 'contract-7',
}
