/** What makes a Redis unfit to be trusted with state, from its answer to INFO; empty when it is fit. */
export function serverProblems(info: string): readonly string[] {
  const facts = new Map(info.split(/\r?\n/).map((line) => pair(line)))
  return [
    ...versionProblems(facts.get('redis_version')),
    ...(facts.get('aof_enabled') === '1' ? [] : ['it has no append-only file; set `appendonly yes`']),
    ...evictionProblems(facts.get('maxmemory_policy')),
  ]
}

function versionProblems(version = 'unknown'): readonly string[] {
  const major = Number(version.split('.')[0])
  return major >= 7 ? [] : [`it is version ${version}, 7 or newer is needed`]
}

function evictionProblems(policy = 'unknown'): readonly string[] {
  if (policy === 'noeviction') return []
  return [`maxmemory-policy is ${policy}, which evicts keys; set \`maxmemory-policy noeviction\``]
}

function pair(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
}
