// @ts-check
// Jars from Maven's repository, with all that they need at run time, in a folder of ours.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mustRun, requireMaven } from './command.mjs'

/**
 * @typedef {object} Artifact
 * @property {string} group
 * @property {string} name
 * @property {string} version
 * @property {string[]} [without] what it asks for and is not needed, as `group:name`
 */

const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/**
 * The folder appears under its name only when all are there.
 * @param {string} what for the message, as in "Kafka"
 * @param {Artifact[]} artifacts
 * @param {string} folder
 */
export async function fetchJars(what, artifacts, folder) {
  const maven = requireMaven()
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(join(dirname(folder), 'fetch-'))
  try {
    writeFileSync(join(work, 'pom.xml'), pom(artifacts))
    const args = ['-q', '-B', COPY_DEPENDENCIES, '-DincludeScope=runtime', '-DoutputDirectory=libs']
    await mustRun(`Maven could not fetch ${what}`, maven, args, { cwd: work })
    rmSync(folder, { recursive: true, force: true })
    renameSync(join(work, 'libs'), folder)
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** @param {Artifact[]} artifacts */
function pom(artifacts) {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bailiff</groupId><artifactId>libs</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${artifacts.map(dependency).join('\n')}
  </dependencies>
</project>
`
}

/** @param {Artifact} artifact */
function dependency({ group, name, version, without = [] }) {
  return `    <dependency>
      <groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>
      <exclusions>${without.map(exclusion).join('')}</exclusions>
    </dependency>`
}

/** @param {string} coordinates */
function exclusion(coordinates) {
  const [group, name] = coordinates.split(':')
  return `<exclusion><groupId>${group}</groupId><artifactId>${name}</artifactId></exclusion>`
}
