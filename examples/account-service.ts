/**
 * An account service's part, as small as it can be: sanctions in, what the customer is told to standard error, and the
 * word that it was delivered out, from which a warning's time to remediate counts.
 *
 *   npx bailiff tail abuse.sanctions.v1 --once | node examples/account-service.ts | npx bailiff send accounts.events.v1
 *
 * Run again it says the same again: the event's id is the sanction's, and repeats are dropped. A sanction that takes effect
 * later is told then, and not before: whoever tries out what is noticed would learn from an earlier letter. A real
 * service holds it until then, and forgets it where its end comes first, as here; this one tells it when it is run again.
 */
import { createInterface } from 'node:readline'

/** What a notice needs of a sanction; see schemas/sanction.avsc for everything. */
interface Sanction {
  readonly id: string
  readonly accountId: string
  readonly act: string
  readonly shadow: boolean
  readonly effectiveAtMs: number
  readonly endsSanctionId: string | null
  readonly statement: {
    readonly language: string
    readonly text: string
    readonly facts: readonly { readonly name: string; readonly band: string }[]
    readonly automatedDetection: boolean
    readonly automatedDecision: boolean
    readonly remediate: string | null
    readonly howToAppeal: string
    readonly appealUntilMs: number
  }
}

/** What a statement tells as a yes or no, or as a time: an account service has its own words for it. */
interface Words {
  readonly found: string
  readonly decided: { readonly machine: string; readonly person: string }
  readonly appealUntil: string
}

const ENGLISH: Words = {
  found: 'This was found automatically.',
  decided: { machine: 'It was decided automatically.', person: 'A person decided it.' },
  appealUntil: 'You can appeal until',
}
const GERMAN: Words = {
  found: 'Das wurde automatisch gefunden.',
  decided: { machine: 'Es wurde automatisch entschieden.', person: 'Ein Mensch hat es entschieden.' },
  appealUntil: 'Widersprechen können Sie bis',
}

/** The letter. A real service sends it, in the customer's own way, and goes on when it has arrived. */
function letterOf({ accountId, id, statement }: Sanction): string {
  const { text, facts, remediate, howToAppeal, appealUntilMs } = statement
  const words = statement.language.startsWith('de') ? GERMAN : ENGLISH
  return [
    `To the holder of ${accountId}:`,
    text,
    ...facts.map(({ name, band }) => `- ${name}: ${band}`),
    remediate,
    decidedIn(words, statement),
    howToAppeal,
    `${words.appealUntil} ${new Date(appealUntilMs).toISOString().slice(0, 10)}.`,
    `Reference: ${id}`,
  ]
    .filter((line) => line !== null)
    .join('\n')
}

function decidedIn({ found, decided }: Words, statement: Sanction['statement']): string {
  const by = statement.automatedDecision ? decided.machine : decided.person
  return statement.automatedDetection ? `${found} ${by}` : by
}

function deliveredOf({ accountId, id }: Sanction): object {
  return {
    eventId: `notice-of-${id}`,
    accountId,
    kind: 'noticeDelivered',
    occurredAtMs: Date.now(),
    sanctionId: id,
  }
}

/** Not told, because they take effect later: neither is the end that comes before. */
const untold = new Set<string>()

for await (const line of createInterface({ input: process.stdin })) {
  const sanction = JSON.parse(line) as Sanction
  if (sanction.shadow || untold.has(sanction.endsSanctionId ?? '')) continue
  if (sanction.effectiveAtMs > Date.now()) {
    untold.add(sanction.id)
    continue
  }
  process.stderr.write(`${letterOf(sanction)}\n\n`)
  if (sanction.endsSanctionId === null) process.stdout.write(`${JSON.stringify(deliveredOf(sanction))}\n`)
}
