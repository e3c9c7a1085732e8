/** A text that kills the model, as verdicts tell of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClassifier, type Classifier } from '../../src/classify/classifier.ts'
import { DEFAULT_BUNDLE_FOLDER } from '../../src/classify/model/bundle.ts'
import { NO_SCORING_OBSERVER } from '../../src/classify/scorer.ts'
import { part, request, response } from './fixtures/events.ts'

const processFile = new URL('./fixtures/mortal-process.ts', import.meta.url)
const KILLER = 'die'

describe('a text that no model survives', () => {
  let classifier: Classifier
  let deaths = 0

  beforeAll(async () => {
    const observer = { ...NO_SCORING_OBSERVER, died: () => void deaths++ }
    classifier = await createClassifier({
      bundleFolder: DEFAULT_BUNDLE_FOLDER,
      hashKey: { id: 'test-1', secret: Buffer.alloc(32, 7) },
      scoring: { processFile, observer },
    })
  })
  afterAll(() => classifier.close())

  it('is unscored as an answer too, whatever had been asked', async () => {
    const [verdicts = []] = await classifier.classify([
      response(KILLER, { inputMessages: [part('user', 'What is a good recipe for lentil soup?')] }),
    ])
    const answer = verdicts.find(({ side }) => side !== 'prompt')
    expect(answer).toMatchObject({ scored: false, scores: [] })
    expect(deaths).toBe(3)
  })

  it('is not tried again, by whomever it is sent', async () => {
    const again = await classifier.classify([
      request([part('user', KILLER)], { eventId: 'e2', accountId: 'another' }),
      request([part('user', 'Something else')], { eventId: 'e3' }),
    ])
    expect(again.map(([verdict]) => verdict?.scored)).toEqual([false, true])
    expect(deaths).toBe(3)
  })
})
