/** What each setting means, for the people who set them: one line each, with what a value does and where to read more. */
import type { SettingName } from './settings.ts'

/** In the order in which they are shown. */
export const SETTING_WORDS: Readonly<Record<SettingName, string>> = {
  KAFKA_BROKERS: 'brokers to begin with: host:port[,host:port...]',
  KAFKA_CLIENT_ID: "how Bailiff calls itself in the brokers' logs and quotas",
  KAFKA_SSL: 'true: TLS to the brokers',
  KAFKA_SASL_MECHANISM: 'how it signs in: none, plain, scram-sha-256, scram-sha-512',
  KAFKA_SASL_USERNAME: 'with a mechanism: as whom',
  KAFKA_SASL_PASSWORD: 'with a mechanism: by which password',
  SCHEMA_REGISTRY_URL: "the registry's Confluent-compatible API, its path included",
  REDIS_URL: 'where state is kept: redis://[user:password@]host:port[/db], rediss:// with TLS',
  BAILIFF_REDIS_PREFIX: 'before each key in Redis; another installation on the same Redis needs another one',
  BAILIFF_HTTP_HOST: 'where health and metrics are served; 0.0.0.0 is everywhere',
  BAILIFF_HTTP_PORT: 'and at which port; 0 takes a free one and the log says which',
  BAILIFF_LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent',
  BAILIFF_TOPOLOGIES: 'folder of the policy and the topologies (the shipped ones), until one is published',
  BAILIFF_SCHEMAS: 'folder of the schemas and of topics.yaml (the shipped ones)',
  BAILIFF_MODEL: 'folder of the model bundle (the shipped one)',
  BAILIFF_SCORING_PROVIDERS: 'where models run, the first that works: of cuda, webgpu and cpu, with commas',
  BAILIFF_SCORING_PROCESSES: 'processes that run models, a core each',
  BAILIFF_SCORING_SILENCE_MS: 'one that owes an answer and says nothing for so long is replaced',
  BAILIFF_HASH_KEY:
    'secret of all keyed hashes, 16 characters or more; the same in every process, and kept for ever',
  BAILIFF_HASH_KEY_ID: 'name of that key; it stands beside the hashes',
  BAILIFF_FORMER_HASH_KEYS: 'hash keys of before, with commas: sanctions of their time are known by them',
  BAILIFF_SIGNERS: "file or address of the public keys of those who decide; without it nobody's word counts",
  BAILIFF_SIGNING_KEY:
    'private key (JWK) of whoever runs a command that decides; best by BAILIFF_SIGNING_KEY_FILE',
  BAILIFF_COMMIT_INTERVAL_MS: 'state is committed at least so often',
  BAILIFF_OUTPUT_INTERVAL_MS: 'and so soon where signals or sanctions wait for it',
  BAILIFF_STAGE_LINGER_MS: 'meter and classify collect records so long for one transaction',
  BAILIFF_FETCH_LINGER_MS: 'a broker that has given all it had is asked again after that',
  BAILIFF_MEDIA_QUARANTINE_ACCOUNTS: 'more accounts in an hour quarantine an entry of a list of known media',
  BAILIFF_CACHE_MIB: 'state that each task holds in memory, at most',
  BAILIFF_STORE_MIB: 'state that each task holds in Redis; past it new keys must pass a sketch first',
  BAILIFF_ENFORCEMENT_ALLOWANCE_MS:
    'gateways may take so long to act on a sanction before it counts as a gap',
  BAILIFF_DRAIN_TIMEOUT_MS:
    "after SIGTERM it ends within that time; a supervisor's own patience must be longer",
  BAILIFF_SESSION_TIMEOUT_MS: 'a process that the group has not heard of for so long loses its partitions',
  BAILIFF_ON_RETENTION_GAP:
    'where records are gone before they were read: fail, or earliest (goes on with what is left)',
}
