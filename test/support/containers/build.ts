// `npm run test:images`: makes sure that the images of the container tests are there. Exit code 3 where no Docker
// daemon answers and none can be started.
import { answeringDocker, startDocker } from './docker.ts'
import { requireImages } from './images.ts'

const NO_DOCKER = 3

const report = (line: string) => void process.stderr.write(`${line}\n`)

const found = (await answeringDocker()) ?? (await startDocker())
if (found === undefined) {
  report('no Docker daemon answers, and none can be started (that takes root, docker.io and iptables)')
  process.exitCode = NO_DOCKER
} else {
  try {
    const images = await requireImages(found.host, report)
    for (const image of Object.values(images)) report(`ready: ${image}`)
  } finally {
    await found.stop()
  }
}
