/**
 * Who may do what, from the table alone: what is not written there is not allowed. Pure.
 *
 * A1. Text is read by meter and classify, referrals by the legal team, and by nobody else; so it is for what was set aside
 *     of them.
 * A2. A topology reads its own outputs, since it knows them again after its store was set back; nobody else writes them.
 */
import type { Grant } from '../../log/kafka/admin.ts'
import { TOPOLOGIES, type Principal, type TopicTable } from '../../codec/topic-table.ts'

/** `userOf`: Kafka's name of each principal, as in `User:meter`. */
export function grantsOf(table: TopicTable, userOf: (principal: Principal) => string): readonly Grant[] {
  const grants = table.topics.flatMap((topic) => [
    ...topic.readers.flatMap((reader) => onTopic(userOf(reader), topic.name, 'read')),
    ...onTopic(userOf(topic.soleWriter), topic.name, 'write'),
    ...(isTopology(topic.soleWriter) ? onTopic(userOf(topic.soleWriter), topic.name, 'read') : []),
  ])
  const aside = table.sideTopics.flatMap((side) =>
    table
      .entry(side.source)
      .readers.filter(isTopology)
      .flatMap((reader) => onTopic(userOf(reader), side.name, 'write')),
  )
  const principals = [...new Set(table.topics.flatMap(({ readers, soleWriter }) => [...readers, soleWriter]))]
  return distinct([...grants, ...aside, ...principals.flatMap((one) => ownNames(one, userOf(one)))])
}

/** Groups and transactional ids, which are named after their owner. */
function ownNames(principal: Principal, user: string): readonly Grant[] {
  if (!isTopology(principal))
    return [{ principal: user, resource: 'group', name: principal, pattern: 'prefixed', operation: 'read' }]
  const ids = {
    principal: user,
    resource: 'transactionalId',
    name: `${principal}-`,
    pattern: 'prefixed',
  } as const
  return [
    {
      principal: user,
      resource: 'group',
      name: `bailiff.${principal}`,
      pattern: 'literal',
      operation: 'read',
    },
    { ...ids, operation: 'write' },
    { ...ids, operation: 'describe' },
  ]
}

function onTopic(principal: string, name: string, operation: 'read' | 'write'): readonly Grant[] {
  const about = { principal, resource: 'topic', name, pattern: 'literal' } as const
  return [
    { ...about, operation },
    { ...about, operation: 'describe' },
  ]
}

function isTopology(principal: Principal): boolean {
  return TOPOLOGIES.some((topology) => topology === principal)
}

function distinct(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()]
}
