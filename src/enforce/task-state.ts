/** What a task of enforcement keeps beside the accounts: its budgets and the templates that it has met. */

export interface TaskState {
  readonly budgets: string | null
  readonly templates: string | null
}

const NOTHING: TaskState = { budgets: null, templates: null }

export function encodeTaskState(state: { readonly [K in keyof TaskState]: string }): string {
  return JSON.stringify(state)
}

/** Who knew of no templates wrote the budgets alone. */
export function decodeTaskState(text: string | null): TaskState {
  if (text === null) return NOTHING
  const parsed: unknown = JSON.parse(text)
  return isTaskState(parsed) ? parsed : { ...NOTHING, budgets: text }
}

function isTaskState(value: unknown): value is TaskState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'budgets' in value &&
    typeof value.budgets === 'string' &&
    'templates' in value &&
    typeof value.templates === 'string'
  )
}
