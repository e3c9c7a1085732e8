/**
 * Logs: one JSON object a line through pino, pretty on a terminal. No record value is ever logged (P9); the
 * names under which content travels are redacted all the same, in case one slips into an error's fields.
 */
import { pino, stdSerializers, type Logger as PinoLogger } from 'pino'
import type { Logger } from '../domain/logger.ts'

const CONTENT_FIELDS = [
  'text',
  'prompt',
  'inputMessages',
  'outputMessages',
  'clientAddress',
  'userAgent',
  'password',
]

export function createLogger(
  level: string,
  terminal: boolean,
  bindings: Readonly<Record<string, string>>,
): Logger {
  const root = pino({
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: stdSerializers.err },
    redact: { paths: CONTENT_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[REDACTED]' },
    ...(terminal
      ? { transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } } }
      : {}),
  })
  return asLogger(root)
}

function asLogger(root: PinoLogger): Logger {
  return {
    debug: (fields, message) => root.debug(fields, message),
    info: (fields, message) => root.info(fields, message),
    warn: (fields, message) => root.warn(fields, message),
    error: (fields, message) => root.error(fields, message),
  }
}
