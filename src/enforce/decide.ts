/**
 * What must happen, given where an account stands and what was heard: pure, so that the same words in the same
 * order at the same times lead to the same sanctions (P5).
 */
import type { AccountStanding } from './account-standing.ts'
import { decideAccountEvent, decideAccountState } from './decide-account.ts'
import { decideDecision } from './decide-decision.ts'
import { decideDue } from './decide-due.ts'
import { decideSignal } from './decide-signal.ts'
import { decideAppeal, decideComplaint } from './decide-word.ts'
import type { EnforcementEvent } from './event.ts'
import type { Outcome } from './outcome.ts'
import type { Terms } from './terms.ts'

export function decide(standing: AccountStanding, event: EnforcementEvent, terms: Terms): readonly Outcome[] {
  switch (event.kind) {
    case 'signal':
      return decideSignal(standing, event.signal, terms)
    case 'decision':
      return decideDecision(standing, event.decision, terms)
    case 'appeal':
      return decideAppeal(standing, event.appeal, terms)
    case 'complaint':
      return decideComplaint(standing, event.complaint, terms)
    case 'accountEvent':
      return decideAccountEvent(standing, event.event, terms)
    case 'accountState':
      return decideAccountState(standing, event.state, terms)
    case 'due':
      return decideDue(standing, terms)
  }
}
