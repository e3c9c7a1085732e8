/**
 * `aup.yaml`: read, checked and resolved, or all of its problems.
 *
 * R1. Fewer than two people before a termination or a referral are refused (P10).
 * R2. Every ladder ends with people: its last step is a review.
 * R3. What is gravest is never delayed: S0 and S1 act at once.
 * R4. A suspension that no person has confirmed ends after 72 hours at the latest.
 * R5. Every clause is told to the customer in English, and in every other language that the policy speaks; of such a
 *     language nothing is missing.
 * R6. What weighs adds to findings of another clause that wants several of them, and leads to nothing, no case either.
 * R7. What waits for corroboration counts for no longer than a strike.
 */
import { LocatedYaml, type Path } from './located-yaml.ts'
import { oddDurationsOfPolicy } from './odd-durations.ts'
import type { Clause, Ladder, LadderStep, Policy } from './policy.ts'
import {
  policySchema,
  type RawClause,
  type RawLadder,
  type RawPolicy,
  type RawStep,
  type RawWeighing,
} from './policy-schema.ts'
import { meantHint, type Problem } from './problem.ts'

export interface ReadPolicy {
  readonly policy: Policy | null
  readonly problems: readonly Problem[]
  /** What is no mistake and worth a second look; none where there is any problem. */
  readonly warnings: readonly Problem[]
  /** For checks over several files: where each clause stands. */
  readonly yaml: LocatedYaml
}

const LEAST_APPROVALS = 2
const DAY_MS = 86_400_000
const LONGEST_UNCONFIRMED_MS = 3 * DAY_MS
const CORROBORATION_WINDOW_MS = 30 * DAY_MS
const PLACEHOLDERS = ['window', 'facts', 'scope', 'until', 'measure']
const MEASURE_PLACEHOLDERS = ['scope', 'until', 'ceiling', 'target']

export function readPolicy(file: string, text: string): ReadPolicy {
  const yaml = new LocatedYaml(file, text)
  const syntax = yaml.syntaxProblems()
  if (syntax.length > 0) return { policy: null, problems: syntax, warnings: [], yaml }
  const shape = yaml.parse(policySchema)
  if ('problems' in shape) return { policy: null, problems: shape.problems, warnings: [], yaml }
  const problems = new PolicyCheck(yaml, shape.value).problems()
  if (problems.length > 0) return { policy: null, problems, warnings: [], yaml }
  return { policy: policyOf(shape.value), problems, warnings: oddDurationsOfPolicy(shape.value, yaml), yaml }
}

function policyOf(raw: RawPolicy): Policy {
  const { youngAccount, ...budgets } = raw.budgets
  return {
    version: raw.version,
    effectiveFromMs: raw.effectiveFrom,
    clauses: raw.clauses.map((clause) => clauseOf(raw, clause)),
    precautions: raw.precautions,
    suspectedCompromise: suspectedCompromiseOf(raw),
    templates: templatesOf(raw),
    terminationApprovals: raw.terminationApprovals,
    referralApprovals: raw.referralApprovals,
    automatedSuspensionCapMs: raw.automatedSuspensionCap,
    appealWindowMs: raw.appealWindow,
    budgets: { ...budgets, youngAccountMs: youngAccount },
    statements: raw.statements,
    wordings: Object.fromEntries(
      Object.entries(raw.wordings).map(([language, wording]) => [
        language,
        {
          ...wording,
          howToAppeal: wording.howToAppeal ?? raw.howToAppeal,
          measures: wording.measures ?? null,
        },
      ]),
    ),
    howToAppeal: raw.howToAppeal,
  }
}

/** Where the policy does not say: two weeks make a key's habits. */
function suspectedCompromiseOf({ suspectedCompromise }: RawPolicy): Policy['suspectedCompromise'] {
  return {
    standsMs: suspectedCompromise.stands ?? 14 * DAY_MS,
    againMs: suspectedCompromise.again ?? 90 * DAY_MS,
    reviewWithinMs: suspectedCompromise.reviewWithin ?? 3 * DAY_MS,
  }
}

function templatesOf({ templates }: RawPolicy): Policy['templates'] {
  return {
    accounts: templates.accounts ?? 20,
    withinMs: templates.within ?? DAY_MS,
    floorPerTask: templates.floorPerTask ?? 2,
    confirmed: templates.confirmed ?? [],
  }
}

function clauseOf(raw: RawPolicy, clause: RawClause): Clause {
  const { id, title, version, severity, reasonCode, detectors, reviewOnly } = clause
  return {
    id,
    title,
    version,
    effectiveFromMs: clause.effectiveFrom ?? raw.effectiveFrom,
    severity,
    reasonCode,
    ladder: ladderOf(raw.ladders[severity], clause.ladder),
    verbs: Object.entries(clause.verbs).map(([verb, seen]) => ({ verb, ...seen })),
    detectors,
    reviewOnly,
    remediedBy: clause.remediedBy,
    weighs: Object.entries(clause.weighs).map(([detector, { on, stands }]) => ({
      detector,
      on,
      standsMs: stands,
    })),
  }
}

/** The ladder of the severity, with the words that the clause replaces. */
function ladderOf(common: RawLadder, own: RawClause['ladder']): Ladder {
  const strikeExpiryMs = own.strikeExpiry ?? common.strikeExpiry
  return {
    steps: (own.steps ?? common.steps).map(stepOf),
    strikeExpiryMs,
    strikeWeight: own.strikeWeight ?? common.strikeWeight ?? 1,
    coolDownMs: own.coolDown ?? common.coolDown,
    delayMs: own.delay ?? common.delay ?? 0,
    corroboration: own.corroboration ?? common.corroboration,
    corroborationWindowMs:
      own.corroborationWindow ??
      common.corroborationWindow ??
      Math.min(CORROBORATION_WINDOW_MS, strikeExpiryMs),
    minConfidence: own.minConfidence ?? common.minConfidence,
    reviewOnly: own.reviewOnly ?? common.reviewOnly,
  }
}

function stepOf(raw: RawStep): LadderStep {
  return {
    act: raw.act,
    scope: raw.scope,
    durationMs: raw.duration ?? 0,
    rateCeilingPerMinute: raw.ratePerMinute ?? null,
    reviewWithinMs: raw.within ?? null,
  }
}

class PolicyCheck {
  readonly #yaml: LocatedYaml
  readonly #raw: RawPolicy
  readonly #problems: Problem[] = []

  constructor(yaml: LocatedYaml, raw: RawPolicy) {
    this.#yaml = yaml
    this.#raw = raw
  }

  problems(): readonly Problem[] {
    this.#approvals()
    this.#cap()
    for (const [severity, ladder] of Object.entries(this.#raw.ladders)) {
      this.#steps(ladder.steps, ['ladders', severity, 'steps'])
      this.#delay(ladder.delay, severity, ['ladders', severity, 'delay'])
      this.#corroborationWindow(ladder, ladder, ['ladders', severity])
    }
    this.#raw.clauses.forEach((clause, at) => this.#clause(clause, at))
    this.#statements()
    return this.#problems
  }

  #say(path: Path, code: string, message: string, hint: string | null, within = 0): void {
    this.#problems.push(this.#yaml.problemAt(path, code, message, hint, within))
  }

  #approvals(): void {
    for (const name of ['terminationApprovals', 'referralApprovals'] as const) {
      if (this.#raw[name] >= LEAST_APPROVALS) continue
      const act = name === 'terminationApprovals' ? 'termination' : 'referral'
      const message = `a ${act} needs the approval of at least two people, not ${this.#raw[name]}`
      this.#say([name], 'approvals', message, 'no policy may ask for fewer than 2')
    }
  }

  /** R4. */
  #cap(): void {
    if (this.#raw.automatedSuspensionCap <= LONGEST_UNCONFIRMED_MS) return
    const message = 'without a person an automated suspension ends after 72 hours at the latest'
    const hint = 'what people uphold has its step in full: write a longer `duration` there'
    this.#say(['automatedSuspensionCap'], 'unconfirmed', message, hint)
  }

  #clause(clause: RawClause, at: number): void {
    const path = ['clauses', at]
    if (this.#raw.clauses.findIndex((other) => other.id === clause.id) !== at)
      this.#say(
        [...path, 'id'],
        'repeated-id',
        `a second clause ${clause.id}`,
        'one of them needs another id',
      )
    if (clause.ladder.steps !== undefined) this.#steps(clause.ladder.steps, [...path, 'ladder', 'steps'])
    this.#delay(clause.ladder.delay, clause.severity, [...path, 'ladder', 'delay'])
    this.#corroborationWindow(clause.ladder, this.#raw.ladders[clause.severity], [...path, 'ladder'])
    if (Object.keys(clause.verbs).length === 0)
      this.#say(
        [...path, 'verbs'],
        'no-verbs',
        `${clause.id} has no verbs`,
        'say how each verb is seen, or why not',
      )
    clause.reviewOnly.forEach((id, index) => {
      if (clause.detectors.includes(id)) return
      const message = `${clause.id} does not list the detector ${id}`
      this.#say([...path, 'reviewOnly', index], 'review-only', message, meantHint(id, clause.detectors))
    })
    for (const [id, weighing] of Object.entries(clause.weighs)) this.#weighs(clause, id, weighing, path)
    for (const [name, verb] of Object.entries(clause.verbs)) {
      if (!('detector' in verb) || clause.detectors.includes(verb.detector)) continue
      const message = `${clause.id} does not list the detector ${verb.detector}`
      this.#say(
        [...path, 'verbs', name, 'detector'],
        'verb-detector',
        message,
        meantHint(verb.detector, clause.detectors),
      )
    }
  }

  /** R6. */
  #weighs(clause: RawClause, id: string, { on }: RawWeighing, clausePath: Path): void {
    const path = [...clausePath, 'weighs', id]
    const sayAtKey = (message: string, hint: string | null): void =>
      void this.#problems.push(this.#yaml.problemAtKey(path, 'weighs', message, hint))
    if (!clause.detectors.includes(id))
      sayAtKey(`${clause.id} does not list the detector ${id}`, meantHint(id, clause.detectors))
    if (clause.reviewOnly.includes(id))
      sayAtKey(`${id} weighs and opens no case`, 'take it out of `reviewOnly`, or out of `weighs`')
    on.forEach((other, at) => this.#weighsOn(clause, other, [...path, 'on', at]))
  }

  #weighsOn(clause: RawClause, other: string, path: Path): void {
    const found = this.#raw.clauses.find((one) => one.id === other)
    const wanted = found?.ladder.corroboration ?? this.#raw.ladders[found?.severity ?? 'S3'].corroboration
    const ids = this.#raw.clauses.map((one) => one.id)
    if (found === undefined)
      this.#say(path, 'unknown-clause', `the policy has no clause ${other}`, meantHint(other, ids))
    else if (found === clause)
      this.#say(path, 'weighs', `what weighs on ${other} cannot be found under it`, 'name other clauses')
    else if (wanted < 2)
      this.#say(
        path,
        'weighs',
        `${other} acts on one finding: nothing more can tip it`,
        'name clauses whose `corroboration` is 2 or more',
      )
  }

  /** R7; told where the ladder itself says one of the two. */
  #corroborationWindow(own: RawClause['ladder'], common: RawLadder, path: Path): void {
    const said = own.corroborationWindow === undefined ? own.strikeExpiry : own.corroborationWindow
    const windowMs = own.corroborationWindow ?? common.corroborationWindow ?? 0
    if (said === undefined || windowMs <= (own.strikeExpiry ?? common.strikeExpiry)) return
    const word = own.corroborationWindow === undefined ? 'strikeExpiry' : 'corroborationWindow'
    const message = 'what waits for corroboration counts for no longer than a strike'
    this.#say([...path, word], 'corroboration', message, '`corroborationWindow` is `strikeExpiry` at most')
  }

  /** R3. */
  #delay(delayMs: number | undefined, severity: string, path: Path): void {
    if ((delayMs ?? 0) === 0 || (severity !== 'S0' && severity !== 'S1')) return
    const message = `${severity} is never delayed: harm would go on meanwhile`
    this.#say(path, 'delay', message, 'delays are for S2 and S3')
  }

  #steps(steps: readonly RawStep[], path: Path): void {
    steps.forEach((step, at) => this.#step(step, [...path, at]))
    const last = steps.length - 1
    if (steps[last]?.act === 'review') return
    const hint = 'end with { act: review, scope: account, within: 24h }'
    this.#say([...path, last], 'ladder-end', 'the last step of a ladder must be a review by people', hint)
  }

  #step(step: RawStep, path: Path): void {
    if (step.act === 'review' && step.within === undefined)
      this.#say(path, 'step', 'a review needs `within`', 'how soon a person must look, as in within: 24h')
    if (step.act !== 'review' && (step.duration ?? 0) <= 0)
      this.#say(
        path,
        'step',
        `a ${step.act} needs a \`duration\``,
        'every sanction has an end, as in duration: 7d',
      )
    if ((step.scope === 'rate') !== (step.ratePerMinute !== undefined))
      this.#say(path, 'step', 'scope `rate` and `ratePerMinute` belong together', 'as in ratePerMinute: 60')
  }

  #statements(): void {
    const ids = this.#raw.clauses.map((clause) => clause.id)
    this.#raw.clauses.forEach(({ id }, at) => {
      if (this.#raw.statements.en?.[id] !== undefined) return
      const hint = 'add it under statements.en'
      this.#say(['clauses', at, 'id'], 'no-statement', `${id} has no statement for the customer`, hint)
    })
    for (const language of Object.keys(this.#raw.statements))
      if (language !== 'en') this.#whole(language, ids)
    for (const [language, { neutral, suspectedCompromise, measures }] of Object.entries(this.#raw.wordings)) {
      this.#placeholders(['wordings', language, 'neutral'], neutral)
      this.#placeholders(['wordings', language, 'suspectedCompromise'], suspectedCompromise)
      this.#placeholders(['wordings', language, 'measures'], measures ?? {}, MEASURE_PLACEHOLDERS)
    }
    this.#measures()
    for (const [language, texts] of Object.entries(this.#raw.statements)) {
      for (const [id, text] of Object.entries(texts))
        this.#statement(['statements', language, id], id, ids, text)
    }
  }

  /** R5: `{measure}` is told in the text's own language; English has words of its own. */
  #measures(): void {
    const { wordings, statements } = this.#raw
    for (const language of new Set([...Object.keys(wordings), ...Object.keys(statements)])) {
      const wording = wordings[language]
      const own = [
        wording?.neutral,
        wording?.suspectedCompromise,
        ...Object.values(statements[language] ?? {}),
      ]
      if (
        language === 'en' ||
        wording?.measures !== undefined ||
        !own.some((text) => text?.summary.includes('{measure}'))
      )
        continue
      const path = wording === undefined ? ['statements', language] : ['wordings', language]
      const message = `texts in ${language} have {measure}, and no words for it`
      this.#problems.push(
        this.#yaml.problemAtKey(path, 'half-a-language', message, `add wordings.${language}.measures`),
      )
    }
  }

  /** R5. */
  #whole(language: string, ids: readonly string[]): void {
    const path = ['statements', language]
    const say = (message: string, hint: string): void =>
      void this.#problems.push(this.#yaml.problemAtKey(path, 'half-a-language', message, hint))
    if (this.#raw.wordings[language] === undefined)
      say(`${language} has no words for S0 and for the end of a measure`, `add wordings.${language}`)
    const missing = ids.filter((id) => this.#raw.statements[language]?.[id] === undefined)
    if (missing.length > 0)
      say(`${language} has no statement for ${missing.join(', ')}`, `add them under statements.${language}`)
  }

  #statement(path: Path, id: string, ids: readonly string[], texts: Readonly<Record<string, string>>): void {
    if (!ids.includes(id))
      this.#problems.push(
        this.#yaml.problemAtKey(path, 'unknown-clause', `no clause ${id}`, meantHint(id, ids)),
      )
    this.#placeholders(path, texts)
  }

  #placeholders(path: Path, texts: Readonly<Record<string, string>>, known = PLACEHOLDERS): void {
    for (const [part, text] of Object.entries(texts)) {
      const unknown = [...text.matchAll(/\{(\w*)\}/g)].find((one) => !known.includes(one[1] ?? ''))
      if (unknown === undefined) continue
      const hint = `known: ${known.map((name) => `{${name}}`).join(', ')}`
      this.#say([...path, part], 'placeholder', `unknown placeholder ${unknown[0]}`, hint, unknown.index)
    }
  }
}
