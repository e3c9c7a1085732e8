/**
 * Sanctions as statements of reasons for the Commission's transparency database (Digital Services Act, articles 17 and
 * 24(5)): fields and values of its API, version of July 2025.
 *
 * D1. No personal data: no account, key, end user, window or text of ours that could name one. The id is a keyed hash of
 *     the sanction's, which could be made again by whoever guesses an account.
 * D2. A warning restricts nothing and is not reported; neither is the end of a measure.
 * D3. Whether a platform is bound to report is counsel's question. This only says how it would.
 */
import { createHmac } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import type { Sanction } from '../domain/sanction.ts'

/** Fields that are absent do not apply. */
export interface DsaStatement {
  readonly decision_provision?: `DECISION_PROVISION_${'PARTIAL' | 'TOTAL'}_${'SUSPENSION' | 'TERMINATION'}`
  readonly decision_account?: 'DECISION_ACCOUNT_SUSPENDED' | 'DECISION_ACCOUNT_TERMINATED'
  readonly end_date_service_restriction?: string | null
  readonly end_date_account_restriction?: string | null
  readonly decision_ground: 'DECISION_GROUND_INCOMPATIBLE_CONTENT'
  readonly incompatible_content_ground: string
  readonly incompatible_content_explanation: string
  readonly content_type: readonly string[]
  readonly content_type_other?: string
  readonly category: string
  readonly category_specification?: readonly string[]
  readonly territorial_scope: readonly string[]
  readonly content_date: string
  readonly application_date: string
  readonly decision_facts: string
  readonly source_type: 'SOURCE_VOLUNTARY' | 'SOURCE_TYPE_OTHER_NOTIFICATION'
  readonly automated_detection: 'Yes' | 'No'
  readonly automated_decision:
    'AUTOMATED_DECISION_FULLY' | 'AUTOMATED_DECISION_PARTIALLY' | 'AUTOMATED_DECISION_NOT_AUTOMATED'
  readonly puid: string
}

interface Category {
  readonly category: string
  readonly keywords?: readonly string[]
}

/** What is no content of its own: GPU abuse, scraping, limits, the account itself. */
const TERMS: Category = { category: 'STATEMENT_CATEGORY_OTHER_VIOLATION_TC' }

const CATEGORIES: Readonly<Record<string, Category>> = {
  'prohibited.csam': {
    category: 'STATEMENT_CATEGORY_PROTECTION_OF_MINORS',
    keywords: ['KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL'],
  },
  'prohibited.violent-extremism': {
    category: 'STATEMENT_CATEGORY_VIOLENCE',
    keywords: ['KEYWORD_TERRORIST_CONTENT'],
  },
  'prohibited.ncii': {
    category: 'STATEMENT_CATEGORY_CYBER_VIOLENCE',
    keywords: ['KEYWORD_NON_CONSENSUAL_IMAGE_SHARING'],
  },
  'prohibited.wmd': { category: 'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY' },
  'prohibited.malware': { category: 'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY' },
  'prohibited.cyberattack': { category: 'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY' },
  'prohibited.harassment': { category: 'STATEMENT_CATEGORY_CYBER_VIOLENCE' },
  'responsibility.outputs': { category: 'STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS' },
}

/** The European Economic Area. */
export const EEA =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' ')

/** 128 bits: no two alike, however many there are. */
const ID_DIGITS = 32

const MOST = { ground: 500, explanation: 2_000, facts: 5_000 } as const

/** The platform's id of a statement, from the sanction's; under another key it is another one. */
export type StatementId = (sanctionId: string) => string

export function statementIds(key: HashKey): StatementId {
  const secret = secretOf(key)
  return (id) => createHmac('sha256', secret).update(`statement\u0000${id}`).digest('hex').slice(0, ID_DIGITS)
}

/** Null where there is nothing to report (D2). `title`: the clause in the policy's own words. */
export function dsaStatement(
  sanction: Sanction,
  title: string,
  statementId: StatementId,
): DsaStatement | null {
  const measure = measureOf(sanction)
  if (measure === null) return null
  const { category, keywords } = CATEGORIES[sanction.clause] ?? TERMS
  const { statement } = sanction
  const isContent = sanction.clause.startsWith('prohibited.') || sanction.severity === 'S0'
  return {
    ...measure,
    decision_ground: 'DECISION_GROUND_INCOMPATIBLE_CONTENT',
    incompatible_content_ground: `Acceptable use policy: ${title}`.slice(0, MOST.ground),
    incompatible_content_explanation: explanation(title).slice(0, MOST.explanation),
    ...(isContent
      ? { content_type: ['CONTENT_TYPE_SYNTHETIC_MEDIA'] }
      : { content_type: ['CONTENT_TYPE_OTHER'], content_type_other: 'Use of an AI inference service' }),
    category,
    ...(keywords === undefined ? {} : { category_specification: keywords }),
    territorial_scope: EEA,
    content_date: dayOf(statement.windowStartMs),
    application_date: dayOf(sanction.effectiveAtMs),
    decision_facts: factsOf(sanction).slice(0, MOST.facts),
    source_type: statement.automatedDetection ? 'SOURCE_VOLUNTARY' : 'SOURCE_TYPE_OTHER_NOTIFICATION',
    automated_detection: statement.automatedDetection ? 'Yes' : 'No',
    automated_decision: automationOf(sanction),
    puid: statementId(sanction.id),
  }
}

type Measure = Pick<
  DsaStatement,
  'decision_provision' | 'decision_account' | 'end_date_service_restriction' | 'end_date_account_restriction'
>

function measureOf({ act, scope, endsAtMs }: Sanction): Measure | null {
  const end = endsAtMs === null ? null : dayOf(endsAtMs)
  switch (act) {
    case 'termination':
      return { decision_account: 'DECISION_ACCOUNT_TERMINATED', end_date_account_restriction: null }
    case 'suspension':
      if (scope === 'account')
        return { decision_account: 'DECISION_ACCOUNT_SUSPENDED', end_date_account_restriction: end }
      return { decision_provision: provisionOf(scope), end_date_service_restriction: end }
    case 'restriction':
      return { decision_provision: provisionOf(scope), end_date_service_restriction: end }
    default:
      return null
  }
}

/** What closes all of the service does, by whatever name. */
function provisionOf(scope: Sanction['scope']): NonNullable<Measure['decision_provision']> {
  return scope === 'api' || scope === 'account'
    ? 'DECISION_PROVISION_TOTAL_SUSPENSION'
    : 'DECISION_PROVISION_PARTIAL_SUSPENSION'
}

function explanation(title: string): string {
  return `The service is provided under an acceptable use policy that says: ${title}. What was found is not in line with it.`
}

/** Bands alone; names of features are ours. (D1) */
function factsOf({ statement, act }: Sanction): string {
  const found = statement.automatedDetection ? 'by automated means' : 'after a notice or by people'
  const facts = statement.facts.map(({ name, band }) => `${name}: ${band}`)
  return [`Found ${found}. Measure: ${act}.`, ...facts].join(' ')
}

function automationOf({ automated, statement }: Sanction): DsaStatement['automated_decision'] {
  if (automated) return 'AUTOMATED_DECISION_FULLY'
  return statement.automatedDetection ? 'AUTOMATED_DECISION_PARTIALLY' : 'AUTOMATED_DECISION_NOT_AUTOMATED'
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
