/** The laws of the Log port (src/engine/log.ts), for every implementation. */
import { describe } from 'vitest'
import type { LogFixture } from './log-fixture.ts'
import { describeGroups } from './log-groups.ts'
import { describeWriting } from './log-writing.ts'

/** `open` gives a log of its own to each test, or one that is shared with topics and groups of its own. */
export function describeLog(name: string, open: () => Promise<LogFixture>): void {
  describe(name, () => {
    describeGroups(open)
    describeWriting(open)
  })
}
