import type { Attempt } from './services.ts'

export async function startContainers(): Promise<Attempt> {
  return { missing: ['Docker: not tried yet'] }
}
