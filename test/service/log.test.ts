/** What slips into a log's fields under a name that content travels by does not reach the line (P9). */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Logs in a process of its own, and gives the lines. */
function logged(call: string): readonly string[] {
  const script = `import { createLogger } from './src/service/log.ts'
const log = createLogger('info', false, { topology: 'usage' })
${call}`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return out.split('\n').filter((line) => line !== '')
}

it.each(['text', 'prompt', 'inputMessages', 'outputMessages', 'clientAddress', 'userAgent', 'password'])(
  'is not told: %s, nor below another name, nor of an error',
  (name) => {
    const [line = '', ...others] = logged(`
log.info({ ${name}: 'a secret', below: { ${name}: ['a secret'] } }, 'met')
log.error({ error: Object.assign(new Error('it broke'), { ${name}: 'a secret' }) }, 'failed')`)
    expect(others).toHaveLength(1)
    expect([line, ...others].join()).not.toContain('secret')
    expect(JSON.parse(line)).toMatchObject({
      topology: 'usage',
      [name]: '[REDACTED]',
      below: { [name]: '[REDACTED]' },
      msg: 'met',
    })
    expect(others[0]).toContain('it broke')
  },
)
