/**
 * Our placement (`colocate.ts`) as kafkajs wants it. The leader of the group runs it for everybody; each member
 * tells it with its subscription what it holds.
 */
import kafkajs, { type Assigner, type Cluster, type GroupMember, type PartitionAssigner } from 'kafkajs'
import { colocate, type Member } from '../colocate.ts'

const NAME = 'bailiff-colocated-sticky'
const VERSION = 1
const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol

/** `holding` gives the partition numbers that this member holds now. */
export function colocatedAssigner(holding: () => readonly number[]): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: MemberMetadata.encode({ version: VERSION, topics, userData: encodeHolding(holding()) }),
    }),
    assign: async ({ members }) => {
      const decoded = members.map(decodeMember)
      const topics = [...new Set(decoded.flatMap((member) => member.topics))]
      await cluster.addMultipleTargetTopics(topics)
      const placed = colocate(decoded, (topic) => partitionCount(cluster, topic))
      return decoded.map((member) => encodeAssignment(member, placed.get(member.id) ?? []))
    },
  })
}

/** As far as the cluster's metadata are known; 0 where they are not. */
export function partitionCount(cluster: Cluster, topic: string): number {
  return cluster.findTopicPartitionMetadata(topic).length
}

function encodeAssignment(
  { id, topics }: Member,
  partitions: readonly number[],
): { readonly memberId: string; readonly memberAssignment: Buffer } {
  const assignment = Object.fromEntries(topics.map((topic) => [topic, [...partitions]]))
  const userData = Buffer.alloc(0)
  return {
    memberId: id,
    memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData }),
  }
}

function decodeMember({ memberId, memberMetadata }: GroupMember): Member {
  const metadata = MemberMetadata.decode(memberMetadata)
  const previous = decodeHolding(metadata?.userData ?? Buffer.alloc(0))
  return { id: memberId, topics: [...(metadata?.topics ?? [])].sort(), previous }
}

/** Four bytes a partition number. */
export function encodeHolding(partitions: readonly number[]): Buffer {
  const encoded = Buffer.alloc(partitions.length * 4)
  for (const [at, partition] of partitions.entries()) encoded.writeInt32BE(partition, at * 4)
  return encoded
}

/** What another version of this software wrote, or none, counts as nothing held. */
export function decodeHolding(encoded: Buffer): readonly number[] {
  if (encoded.length % 4 !== 0) return []
  return Array.from({ length: encoded.length / 4 }, (_, at) => encoded.readInt32BE(at * 4))
}
