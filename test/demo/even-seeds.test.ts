/** Every other seed of the demo; the others run beside it. See test/support/demo.ts. */
import { describe, it } from 'vitest'
import { expectSoundDemo, seedsFrom } from '../support/demo.ts'

describe.each(seedsFrom(2))('the demo with seed %i', (seed) => {
  it('finds every abuser and touches no honest customer', ({ signal }) => expectSoundDemo(seed, signal))
})
