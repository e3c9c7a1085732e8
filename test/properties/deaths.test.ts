/**
 * Records that kill whoever works on them, in processes that work on others side by side: whatever else joins,
 * leaves, dies or stops meanwhile, and however far the store is set back, each of them is set aside as `crash`,
 * nothing else ever is, and all else is processed exactly once (P8). Of a record that kills nobody no more deaths are told than there were faults besides.
 * These are fewer than the deaths that set a record aside; more of them could fall on one record by chance.
 *
 * 300 cases here, 10,000 with `npm run test:properties`; repeated as test/properties/engine.test.ts says.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deadlyCases, deadlyOutcome, playDeadly } from '../support/deadly-cases.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'

const parameters = propertyParameters(300)

it(
  'what kills its owner is set aside, and no bystander with it',
  async () => {
    await fc.assert(
      fc.asyncProperty(deadlyCases, async (one) => {
        const { world, faults } = await playDeadly(one)
        const { aside, killers, counted, toCount, copied, toCopy, mostSuspected } = await deadlyOutcome(world)
        expect(aside).toEqual(killers)
        expect({ counted, copied }).toEqual({ counted: toCount, copied: toCopy })
        expect(mostSuspected).toBeLessThanOrEqual(faults)
      }),
      parameters,
    )
  },
  propertyTimeoutMs(parameters),
)
