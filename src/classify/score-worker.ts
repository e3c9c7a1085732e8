/** Entry of the scoring thread. */
import { parentPort, workerData } from 'node:worker_threads'
import type { ScoreWorkerData } from './score-protocol.ts'
import { serveScores } from './serve-scores.ts'

if (parentPort === null) throw new Error('score-worker runs in a worker thread')
await serveScores(parentPort, (workerData as ScoreWorkerData).bundleFolder)
