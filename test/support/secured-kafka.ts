/**
 * A Kafka of a test's own that knows who is who: SASL/PLAIN for clients, and KRaft's own authorizer, which refuses what
 * no entry allows. It lies in the folder that it is given and is gone when it was stopped.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareKafka } from '../../scripts/services/kafka.mjs'
import { start, stop } from '../../scripts/services/launch.mjs'
import { freePorts } from '../../scripts/services/probe.mjs'
import { resolveSettings } from '../../scripts/services/settings.mjs'
import type { KafkaSasl } from '../../src/log/kafka/options.ts'

const ROOT = join(import.meta.dirname, '..', '..')
export const ADMIN = 'admin'

export interface SecuredKafka {
  readonly broker: string
  /** With which a user of that name authenticates. */
  sasl(user: string): KafkaSasl
  stop(): Promise<void>
}

/** Started and answering; `users` beside the admin, who may do everything. */
export async function startSecuredKafka(folder: string, users: readonly string[]): Promise<SecuredKafka> {
  const [port = 0, controllerPort = 0] = await freePorts(2)
  const defaults = resolveSettings({}, {}, ROOT)
  const settings = { ...defaults, dataFolder: folder, brokers: [{ nodeId: 1, port, controllerPort }] }
  const [launch] = await prepareKafka(settings, () => undefined)
  if (launch === undefined) throw new Error('no broker was prepared')
  // Of a property given twice Java takes the last.
  appendFileSync(join(launch.folder, 'server.properties'), properties(users))
  await start(launch, () => undefined)
  return {
    broker: launch.address,
    sasl: (username) => ({ mechanism: 'plain', username, password: passwordOf(username) }),
    stop: () => stop(launch),
  }
}

function passwordOf(user: string): string {
  return `password of ${user}`
}

function properties(users: readonly string[]): string {
  const known = [ADMIN, ...users].map((user) => `user_${user}="${passwordOf(user)}"`).join(' ')
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const jaas = `${module} username="${ADMIN}" password="${passwordOf(ADMIN)}" ${known};`
  const all = {
    'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.plaintext.plain.sasl.jaas.config': jaas,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Anonymous is the broker itself, at its own controller, which listens to this machine alone.
    'super.users': `User:${ADMIN};User:ANONYMOUS`,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
