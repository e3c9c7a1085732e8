/** Honest customers that are there on every day of the acceptance run and look like abusers. */
import type { Cast } from '../../cast.ts'
import type { Act } from '../act.ts'
import { neverAsked, newcomer, verifiedBefore } from './ageing.ts'
import { launchesOnABiggerModel, movesToAnotherCloud, newVersion } from './changing.ts'
import { grantedRedTeam, retiredModel, toolThatLists } from './denied.ts'
import { hedgedRequests, longStories, peopleWhoStop } from './hanging-up.ts'
import { reseller, university } from './keys.ts'
import { changedItsBank, disputedInvoice, forgottenByUs, prepaidCard } from './paying.ts'
import {
  answersOnItsPages,
  batchOverAddresses,
  hostsTheSitesOfOthers,
  readsItsOwnSites,
  searchesWithSources,
  studentsOnPages,
  summarisesWithAGrant,
  testsOverPages,
} from './pages.ts'
import { batchInAnIdleNight, cronOnTheHour, nightlyAtItsQuota } from './periodic.ts'
import { bursty, huge, supportBot, syntheticData } from './volume.ts'

export const ACCEPTANCE_LOOK_ALIKES: Readonly<Record<string, (act: Act) => Cast>> = {
  cronOnTheHour,
  nightlyAtItsQuota,
  batchInAnIdleNight,
  supportBot,
  syntheticData,
  bursty,
  burstyToo: bursty,
  huge,
  university,
  reseller,
  prepaidCard,
  disputedInvoice,
  changedItsBank,
  forgottenByUs,
  forgottenByUsToo: forgottenByUs,
  retiredModel,
  toolThatLists,
  grantedRedTeam,
  movesToAnotherCloud,
  newVersion,
  launchesOnABiggerModel,
  newcomer,
  neverAsked,
  verifiedBefore,
  hedgedRequests,
  peopleWhoStop,
  longStories,
}

/** Those that came with hosts, in version 3 of the world. */
export const READERS_OF_PAGES: Readonly<Record<string, (act: Act) => Cast>> = {
  readsItsOwnSites,
  summarisesWithAGrant,
  testsOverPages,
  answersOnItsPages,
  studentsOnPages,
  searchesWithSources,
  hostsTheSitesOfOthers,
  batchOverAddresses,
}
