/** The classifier as every command opens it: a model that is refused is a setting that is wrong, told without a trace. */
import { createClassifier, type Classifier, type ClassifierOptions } from '../../classify/classifier.ts'
import { RefusedError } from '../../engine/errors.ts'

/** To be closed before the process ends. Throws RefusedError with all that is wrong with the bundle. */
export async function openClassifier(options: ClassifierOptions): Promise<Classifier> {
  try {
    return await createClassifier(options)
  } catch (error) {
    throw new RefusedError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
