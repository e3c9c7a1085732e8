/**
 * Compares what came out with what had to. Lost: it had to come out and did not. Doubled: a reader of committed
 * records gets one id more than once. Wrong: it had not to come out, or says something else than it must.
 */
import { caseProblem, expectedCases, sanctionOfCase, toldCases, type ExpectedCase } from './cases.ts'
import { expectedFindings, signalProblem, type Finding } from './findings.ts'
import { nameBasedId } from './ids.ts'
import {
  ASIDE_TOPICS,
  number,
  numberOrNull,
  readLines,
  REFUSED_TOPIC,
  text,
  type Fields,
  type Line,
} from './lines.ts'
import {
  expectedSanctions,
  liftingId,
  liftingProblem,
  sanctionProblem,
  type ExpectedSanction,
  type Told,
} from './sanctions.ts'
import { switchedFindings, SWITCHED_DETECTOR, type SwitchedFindings } from './switches.ts'
import { foldedStandings, publishedStandings } from './standings.ts'
import { decidedEndProblem, wordsOf, type DecidedEnd, type Words } from './words.ts'

export interface Judgement {
  readonly lost: number
  readonly doubled: number
  readonly wrong: number
  /** How many of each kind were right. */
  readonly held: Readonly<Record<string, number>>
  /** How long after its end the latest lifting was announced. */
  readonly latestLiftingMs: number
  /** One line for each thing that is not as it should be. */
  readonly problems: readonly string[]
}

/** People have stopped it before the run: its findings are told, and nothing may come of them. */
const STOPPED_DETECTOR = 'chaos.stopped'

/** Topics that must stay empty in a run like this. */
const EMPTY = ['abuse.referrals.v1', 'abuse.signals.shadow.v1', 'abuse.sanctions.shadow.v1']

/** `untilMs`: liftings that were due before this must be there. */
export function judge(folder: string, untilMs: number): Judgement {
  return new Judge(folder, untilMs).judge()
}

class Judge {
  readonly #folder: string
  readonly #untilMs: number
  readonly #problems: { readonly kind: 'lost' | 'doubled' | 'wrong'; readonly text: string }[] = []
  readonly #held: Record<string, number> = {}
  #latestLiftingMs = 0

  constructor(folder: string, untilMs: number) {
    this.#folder = folder
    this.#untilMs = untilMs
  }

  judge(): Judgement {
    const findings = expectedFindings(this.#folder)
    const told = this.#signals(findings)
    const asked = this.#byId('abuse.preservation.v1')
    const switched = this.#switched(asked)
    const heeds = ({ id, detectorId }: Finding): boolean =>
      detectorId !== STOPPED_DETECTOR && (detectorId !== SWITCHED_DETECTOR || switched.heeded.has(id))
    this.#preservations(findings.filter(heeds), asked)
    const words = wordsOf(this.#folder)
    const cases = expectedCases(findings, words.cases)
    this.#cases(cases, words)
    this.#sanctions(
      told.filter(({ finding }) => heeds(finding)),
      cases,
      words,
    )
    this.#refusals(words)
    this.#standings()
    this.#nothingElse()
    const count = (kind: string): number => this.#problems.filter((problem) => problem.kind === kind).length
    return {
      lost: count('lost'),
      doubled: count('doubled'),
      wrong: count('wrong'),
      held: this.#held,
      latestLiftingMs: this.#latestLiftingMs,
      problems: this.#problems.map(({ kind, text: what }) => `${kind}: ${what}`),
    }
  }

  #say(kind: 'lost' | 'doubled' | 'wrong', what: string): void {
    this.#problems.push({ kind, text: what })
  }

  /** One record an id; every further one is doubled. */
  #byId(topic: string): Map<string, Fields> {
    const found = new Map<string, Fields>()
    for (const line of readLines(this.#folder, topic)) {
      if (line.value === null) continue
      const id = text(line.value, 'id')
      if (found.has(id)) this.#say('doubled', `${id} in ${place(line)}`)
      else found.set(id, line.value)
    }
    return found
  }

  #hold(kind: string): void {
    this.#held[kind] = (this.#held[kind] ?? 0) + 1
  }

  #signals(findings: readonly Finding[]): readonly Told[] {
    const signals = this.#byId('abuse.signals.v1')
    const told = findings.flatMap((finding) => {
      const signal = signals.get(finding.id)
      signals.delete(finding.id)
      if (signal === undefined) {
        this.#say('lost', `signal ${finding.detectorId} of ${finding.accountId} (${finding.id})`)
        return []
      }
      const problem = signalProblem(signal, finding)
      if (problem !== null)
        this.#say('wrong', `signal ${finding.detectorId} of ${finding.accountId}: ${problem}`)
      else this.#hold('signals')
      return { finding, atMs: number(signal, 'occurredAtMs') }
    })
    for (const [id, signal] of signals)
      this.#say('wrong', `signal ${id} of ${text(signal, 'detectorId')}: not due`)
    return told
  }

  /** The vault is asked once for each signal. */
  #preservations(findings: readonly Finding[], asked: Map<string, Fields>): void {
    for (const finding of findings) {
      if (asked.delete(nameBasedId('preservation', finding.id))) this.#hold('preservations')
      else this.#say('lost', `preservation for ${finding.detectorId} of ${finding.accountId}`)
    }
    for (const id of asked.keys()) this.#say('wrong', `preservation ${id}: not due`)
  }

  /** Heeded or passed over, as the switch may have been known. */
  #switched(asked: ReadonlyMap<string, Fields>): SwitchedFindings {
    const askedAtMs = new Map([...asked].map(([id, one]) => [id, number(one, 'askedAtMs')]))
    const switched = switchedFindings(this.#folder, askedAtMs)
    for (const problem of switched.problems) this.#say('wrong', problem)
    this.#held['heeded'] = switched.heeded.size
    this.#held['passed over'] = switched.passedOver
    this.#held['switch late ms'] = switched.latestMs
    return switched
  }

  /** Opened for each finding once, and closed by the first word of a person that decides it. */
  #cases(cases: readonly ExpectedCase[], { cases: words }: Words): void {
    const told = toldCases(this.#folder)
    const decided = new Set(words.keys())
    for (const expected of cases) {
      const records = told.get(expected.id) ?? []
      told.delete(expected.id)
      decided.delete(expected.id)
      const problem = caseProblem(records, expected)
      const name = `case of ${expected.finding.accountId} (${expected.id})`
      if (records.length === 0) this.#say('lost', name)
      else if (problem !== null) this.#say('wrong', `${name}: ${problem}`)
      else this.#hold(`cases ${expected.decided?.kind ?? 'open'}`)
    }
    for (const id of told.keys()) this.#say('wrong', `case ${id}: not due`)
    for (const id of decided) this.#say('wrong', `a word on case ${id}: not due`)
  }

  #sanctions(told: readonly Told[], cases: readonly ExpectedCase[], words: Words): void {
    const found = this.#byId('abuse.sanctions.v1')
    const issuedAtMs = (id: string): number | undefined => {
      const sanction = found.get(id)
      return sanction === undefined ? undefined : number(sanction, 'issuedAtMs')
    }
    const decided = cases.map(sanctionOfCase).filter((one) => one !== null)
    const due = [...expectedSanctions(told, issuedAtMs), ...decided]
    const left = new Map(found)
    const ends = new Map(words.ends)
    for (const expected of due) {
      this.#sanction(expected, found, left, ends.get(expected.id))
      ends.delete(expected.id)
    }
    for (const [id, { act }] of ends) this.#say('wrong', `${act} of ${id}: decided on what is not due`)
    for (const [id, sanction] of left)
      this.#say('wrong', `${text(sanction, 'act')} ${id} of ${text(sanction, 'accountId')}: not due`)
  }

  /** `decided`: what a person made its end; undefined where it ends by itself. */
  #sanction(
    expected: ExpectedSanction,
    found: ReadonlyMap<string, Fields>,
    left: Map<string, Fields>,
    decided: DecidedEnd | undefined,
  ): void {
    const name = `${expected.act} ${expected.clause} of ${expected.accountId}`
    const sanction = found.get(expected.id)
    left.delete(expected.id)
    if (sanction === undefined) return this.#say('lost', `${name} (${expected.id})`)
    const problem = sanctionProblem(sanction, expected)
    if (problem !== null) this.#say('wrong', `${name}: ${problem}`)
    else this.#hold('sanctions')
    if (decided !== undefined) return this.#decidedEnd(name, decided, found, left)
    const lifting = found.get(liftingId(expected.id))
    left.delete(liftingId(expected.id))
    this.#lifting(name, sanction, lifting)
  }

  #lifting(name: string, sanction: Fields, lifting: Fields | undefined): void {
    const endsAtMs = numberOrNull(sanction, 'endsAtMs') ?? Infinity
    if (lifting === undefined) {
      if (endsAtMs < this.#untilMs) this.#say('lost', `lifting of ${name}`)
      return
    }
    const problem = liftingProblem(lifting, sanction)
    if (problem !== null) return this.#say('wrong', `lifting of ${name}: ${problem}`)
    this.#hold('liftings')
    this.#latestLiftingMs = Math.max(this.#latestLiftingMs, number(lifting, 'issuedAtMs') - endsAtMs)
  }

  #decidedEnd(
    name: string,
    decided: DecidedEnd,
    found: ReadonlyMap<string, Fields>,
    left: Map<string, Fields>,
  ): void {
    const end = found.get(decided.id)
    left.delete(decided.id)
    if (end === undefined) return this.#say('lost', `${decided.act} of ${name} (${decided.id})`)
    const problem = decidedEndProblem(end, decided)
    if (problem !== null) this.#say('wrong', `${decided.act} of ${name}: ${problem}`)
    else this.#hold(`${decided.act}s by people`)
  }

  /** Each word that counts for nothing is set aside, and no other; a repeat is no fault, for at least once is what is promised of these. */
  #refusals({ refused, heard }: Words): void {
    const aside = new Set(readLines(this.#folder, REFUSED_TOPIC).map(({ key }) => key))
    for (const position of refused)
      if (!aside.has(position)) this.#say('lost', `the refused word ${position} is not set aside`)
    for (const position of aside)
      if (!refused.has(position)) this.#say('wrong', `${position} is set aside, and is no refused word`)
    this.#held['words heard'] = heard
    this.#held['words refused'] = refused.size
  }

  #standings(): void {
    const folded = foldedStandings(readLines(this.#folder, 'abuse.sanctions.v1'))
    const published = publishedStandings(readLines(this.#folder, 'abuse.standing.v1'))
    for (const accountId of new Set([...folded.keys(), ...published.keys()])) {
      const [should, is] = [folded.get(accountId), published.get(accountId)]
      if (should === is) this.#hold('standings')
      else this.#say('wrong', `standing of ${accountId}: ${is ?? 'none'}, not ${should ?? 'none'}`)
    }
  }

  #nothingElse(): void {
    for (const topic of [...EMPTY, ...ASIDE_TOPICS]) {
      for (const line of readLines(this.#folder, topic)) {
        if (line.value !== null || !topic.startsWith('abuse.'))
          this.#say('wrong', `a record in ${place(line)}`)
      }
    }
  }
}

function place({ topic, partition, offset, key }: Line): string {
  return `${topic}/${partition}@${offset}, key ${key}`
}
