/**
 * What a text names, by plain phrases: a child, a person, a place, a time, a weapon, harm to oneself. No judgement: most
 * texts that name one are harmless. Where a model's score alone would be too little, rules ask for both.
 *
 * M1. English. What is said in other words is not found; null (not looked at) is for media and texts that are not here.
 * M2. Linear time, one look at each unit for all of them; bounded samples are not enough here, all of the text is read.
 * M3. Words that mean a child only sometimes (girl, boy, baby, teen) are none. An attack by which the attacker dies is
 *     no harm to oneself alone.
 */
import type { Reading } from './canonicalise.ts'
import { MENTIONS, type Mention } from '../domain/verdict.ts'
import { PhraseScanner } from './phrase-scanner.ts'
import { unitsOf, type Units } from './units.ts'

const NUMBER_BELOW_18 =
  '(?:1[0-7]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)'
const WEEKDAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day'
const RELATION =
  '(?:boss|manager|supervisor|co-?worker|colleague|neighbou?r|landlord|teacher|classmate|roommate|ex|wife|husband|' +
  'girlfriend|boyfriend|partner|brother|sister|father|mother|cousin|uncle|aunt)'
const PLACE =
  '(?:school|college|university|campus|church|mosque|synagogue|temple|mall|market|shop|store|station|airport|stadium|' +
  'office|hospital|clinic|parade|concert|festival|rally|embassy|court(?:house)?|parliament|town hall|city hall|club|bar|' +
  'restaurant|theat(?:re|er)|library|park|house|home|apartment|building|workplace)'

const AGE = `aged? (?:of )?${NUMBER_BELOW_18}`
const SUICIDE = 'suicid(?:e|al)'
const ATTACK = '(?:bomb(?:s|er|ers|ing|ings)?|attack(?:s|er|ers)?|vests?|belts?|missions?|squads?)'

const PHRASES: Readonly<Record<Mention, readonly string[]>> = {
  minor: [
    `${NUMBER_BELOW_18}[ -]?(?:years?|yrs?)[ -]old`,
    `${NUMBER_BELOW_18} ?(?:y/o|yo)`,
    'child(?:ren)?|kids?|toddlers?|pre-?teens?|schoolgirls?|schoolboys?|schoolchild(?:ren)?|kindergart(?:en|ners?)',
    'under-?aged?|minors|teenage girls?|teenage boys?|(?:little|young|small) (?:girls?|boys?)',
  ],
  person: [
    `(?:my|your|his|her|their|our) ${RELATION}`,
    '(?:mr|mrs|ms|dr|judge|senator|president|mayor|minister|officer)\\.? [a-z]{2,}',
  ],
  place: [
    `(?:at|in|inside|outside|near|into|to|of) (?:the|my|your|his|her|their|our|this|that)(?: [a-z]+)? ${PLACE}`,
  ],
  time: [
    `(?:today|tonight|tomorrow|this (?:morning|afternoon|evening|weekend)|next (?:week|month|${WEEKDAY})|on ${WEEKDAY})`,
    "at (?:noon|midnight|\\d{1,2}(?::\\d{2,2})? ?(?:am|pm|a\\.m|p\\.m|o'clock))",
    'in (?:an|one|two|three|\\d{1,2}) (?:minutes?|hours?|days?)',
  ],
  weapon: [
    '(?:hand|shot)?guns?|rifles?|pistols?|firearms?|ammunition|ammo|kni(?:fe|ves)|machetes?|bombs?|explosives?|grenades?|' +
      'molotovs?|poison|weapons?|shoot(?:ing)?|stab(?:bing)?',
  ],
  selfHarm: ['self-?harm(?:ing)?|(?:kill|hurt|cut|hang|shoot|end) (?:myself|my life|it all)|want to die'],
}
/** `aged 7` is a child's age, and of what is `aged 7 days` it is none: the two are counted. So are these of suicide. */
const IS_AGE = 1 << MENTIONS.length
const IS_OTHER_AGE = IS_AGE << 1
const IS_SUICIDE = IS_AGE << 2
const IS_SUICIDE_ATTACK = IS_AGE << 3
const EVERY_MENTION = IS_AGE - 1

let made: PhraseScanner | null = null

function scanner(): PhraseScanner {
  made ??= new PhraseScanner([
    ...MENTIONS.flatMap((name) => PHRASES[name].map((phrase) => ({ phrase, bit: bitOf(name) }))),
    { phrase: AGE, bit: IS_AGE },
    { phrase: `${AGE}(?: (?:days|weeks|months|minutes|hours)| ?%)`, bit: IS_OTHER_AGE, endsAnywhere: true },
    { phrase: SUICIDE, bit: IS_SUICIDE },
    { phrase: `${SUICIDE}[ -]${ATTACK}`, bit: IS_SUICIDE_ATTACK },
  ])
  return made
}

function bitOf(name: Mention): number {
  return 1 << MENTIONS.indexOf(name)
}

/** What any of a text's readings names, in the order of MENTIONS. */
export function mentionsOf(readings: readonly Reading[]): readonly Mention[] {
  let found = 0
  for (const { text } of readings) if (found !== EVERY_MENTION) found |= mentionsIn(unitsOf(text))
  return MENTIONS.filter((name) => (found & bitOf(name)) !== 0)
}

function mentionsIn(text: Units): number {
  let found = 0
  let ages = 0
  let suicides = 0
  scanner().scan(text, (bits) => {
    found |= bits
    if ((bits & IS_AGE) !== 0) ages++
    if ((bits & IS_OTHER_AGE) !== 0) ages--
    if ((bits & IS_SUICIDE) !== 0) suicides++
    if ((bits & IS_SUICIDE_ATTACK) !== 0) suicides--
    return (found & EVERY_MENTION) === EVERY_MENTION
  })
  const minor = ages > 0 ? bitOf('minor') : 0
  const selfHarm = suicides > 0 ? bitOf('selfHarm') : 0
  return (found & EVERY_MENTION) | minor | selfHarm
}
