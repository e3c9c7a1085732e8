/**
 * What was to be done with the content, and whether the model did it. Weak by design: phrases and lengths, English
 * only. Good enough to tell a refusal from an answer and a one-word label from a text; `unknown` when in doubt, and
 * nothing may rest on it alone.
 */
import type { InferenceResponse } from '../domain/inference.ts'
import type { VerdictOutcome, VerdictTask } from '../domain/verdict.ts'
import { containsCode } from './text-facts.ts'

/** Phrases of a refusal stand at the start. */
const REFUSAL_UNITS = 400
const REFUSAL =
  /\b(?:i['’]?m (?:really |very )?sorry,? (?:but|i)|i (?:can(?:['’]t|not)|won['’]t|will not|am (?:not able|unable)|must decline|have to decline)|i['’]m (?:not able|unable)|(?:can(?:['’]t|not)|unable to|not able to) (?:help|assist|comply|provide|create|write|fulfil)|as an ai (?:language )?model,? i|against (?:my|our) (?:guidelines|policy|policies)|not something i can)\b/i
/** An answer of this length that does not begin with a refusal has given something. */
const COMPLIED_UNITS = 200

const CLASSIFY =
  /\b(?:classif(?:y|ication)|moderat(?:e|ion)|categori[sz]e|label (?:the|this|each)|is (?:this|the following) (?:text|message|comment|post|content)|detect (?:whether|if)|toxic(?:ity)?|sentiment|answer (?:only )?(?:with )?(?:yes or no|one word))\b/i
const TRANSFORM =
  /\b(?:translate|summari[sz]e|paraphrase|rephrase|rewrite|proofread|correct the|fix the grammar|extract|convert|shorten|reformat)\b/i
const GENERATE =
  /\b(?:write|create|generate|draft|compose|build|develop|make|design|implement|give me|tell me|explain|describe|list|how (?:do|can|to|would|could|does)|what|why|who|when|where)\b/i
/** Instructions stand at either end of a prompt; what is between is material. */
const INSTRUCTION_UNITS = 600

/** The task that the words at either end of the prompt name; the most passive one wins. */
export function taskOf(prompt: string): VerdictTask {
  const ends = `${prompt.slice(0, INSTRUCTION_UNITS)}\n${prompt.slice(-INSTRUCTION_UNITS)}`
  if (CLASSIFY.test(ends)) return 'classify'
  if (TRANSFORM.test(ends)) return 'transform'
  return GENERATE.test(ends) ? 'generate' : 'unknown'
}

/** Whether a response refused or complied. */
export function outcomeOf(response: InferenceResponse, answer: string): VerdictOutcome {
  if (response.status === 'refused' || response.finishReason === 'content_filter') return 'refused'
  if (REFUSAL.test(answer.slice(0, REFUSAL_UNITS))) return 'refused'
  return answer.length >= COMPLIED_UNITS || containsCode(answer) ? 'complied' : 'unknown'
}
