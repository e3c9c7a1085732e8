/**
 * Logs: one JSON object a line through pino, pretty on a terminal. No record value is ever logged (P9); the
 * names under which content travels are redacted all the same, in case one slips into an error's fields.
 */
import { pino, stdSerializers, type Logger as PinoLogger, type LoggerOptions } from 'pino'
import { PinoPretty } from 'pino-pretty'
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

/** A line each, who speaks first: a partition's news must not take five. */
const ON_A_TERMINAL = {
  destination: 1,
  sync: true,
  singleLine: true,
  ignore: 'topology',
  messageFormat: '{topology}: {msg}',
}

export function createLogger(
  level: string,
  terminal: boolean,
  bindings: Readonly<Record<string, string>>,
): Logger {
  const options: LoggerOptions = {
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: stdSerializers.err },
    redact: { paths: CONTENT_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[REDACTED]' },
  }
  // In this thread and at once: a transport's thread would lose the last lines before the end of the process.
  return asLogger(terminal ? pino(options, PinoPretty(ON_A_TERMINAL)) : pino(options))
}

function asLogger(root: PinoLogger): Logger {
  return {
    debug: (fields, message) => root.debug(fields, message),
    info: (fields, message) => root.info(fields, message),
    warn: (fields, message) => root.warn(fields, message),
    error: (fields, message) => root.error(fields, message),
  }
}
