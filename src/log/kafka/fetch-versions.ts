/** The versions of fetches that we speak, and those that brought a field, to the question or to the answer. */
export const OLDEST_VERSION = 4
export const NEWEST_VERSION = 11

export const LOG_START_OFFSET = 5
export const SESSION = 7
export const THROTTLED_BY_CLIENT = 8
export const LEADER_EPOCH = 9
export const READ_REPLICA = 11
