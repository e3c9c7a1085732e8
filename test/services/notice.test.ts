import { describe, expect, it } from 'vitest'
import { missingNotice } from '../support/services.ts'

describe('the notice about missing services', () => {
  const reasons = ['Java 17 is needed', 'no Docker daemon answers']

  it('says that tests are skipped, and gives every reason', () => {
    const notice = missingNotice(reasons, false)
    expect(notice).toMatch(/ARE SKIPPED/)
    for (const each of reasons) expect(notice).toContain(`- ${each}`)
  })

  it('says that they cannot run where they are required', () => {
    expect(missingNotice(reasons, true)).toMatch(/ARE REQUIRED AND CANNOT RUN/)
  })
})
