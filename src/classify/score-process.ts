/** Entry of a scoring process. */
import { ownerLine } from './owner-line.ts'
import { serveScores } from './serve-scores.ts'

serveScores(ownerLine())
