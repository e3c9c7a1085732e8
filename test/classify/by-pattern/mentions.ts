/** What texts name, by patterns, one after the other: the scanner in src/classify must find the same. */
import type { Reading } from '../../../src/classify/canonicalise.ts'
import { MENTIONS, type Mention } from '../../../src/domain/verdict.ts'

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

const PATTERNS: Readonly<Record<Mention, RegExp>> = {
  minor: either(
    `${NUMBER_BELOW_18}[ -]?(?:years?|yrs?)[ -]old`,
    `${NUMBER_BELOW_18} ?(?:y/o|yo)`,
    `aged? (?:of )?${NUMBER_BELOW_18}(?! ?(?:days|weeks|months|minutes|hours|%))`,
    'child(?:ren)?|kids?|toddlers?|pre-?teens?|schoolgirls?|schoolboys?|schoolchild(?:ren)?|kindergart(?:en|ners?)',
    'under-?aged?|minors|teenage girls?|teenage boys?|(?:little|young|small) (?:girls?|boys?)',
  ),
  person: either(
    `(?:my|your|his|her|their|our) ${RELATION}`,
    '(?:mr|mrs|ms|dr|judge|senator|president|mayor|minister|officer)\\.? [a-z]{2,}',
  ),
  place: either(
    `(?:at|in|inside|outside|near|into|to|of) (?:the|my|your|his|her|their|our|this|that)(?: [a-z]+)? ${PLACE}`,
  ),
  time: either(
    `(?:today|tonight|tomorrow|this (?:morning|afternoon|evening|weekend)|next (?:week|month|${WEEKDAY})|on ${WEEKDAY})`,
    "at (?:noon|midnight|\\d{1,2}(?::\\d{2})? ?(?:am|pm|a\\.m|p\\.m|o'clock))",
    'in (?:an|one|two|three|\\d{1,2}) (?:minutes?|hours?|days?)',
  ),
  weapon: either(
    '(?:hand|shot)?guns?|rifles?|pistols?|firearms?|ammunition|ammo|kni(?:fe|ves)|machetes?|bombs?|explosives?|grenades?|' +
      'molotovs?|poison|weapons?|shoot(?:ing)?|stab(?:bing)?',
  ),
  selfHarm: either(
    'suicid(?:e|al)(?![ -](?:bomb(?:s|er|ers|ing|ings)?|attack(?:s|er|ers)?|vests?|belts?|missions?|squads?)\\b)|self-?harm(?:ing)?|(?:kill|hurt|cut|hang|shoot|end) (?:myself|my life|it all)|want to die',
  ),
}

/** Whole words, of either case. */
function either(...alternatives: readonly string[]): RegExp {
  return new RegExp(`\\b(?:${alternatives.join('|')})\\b`, 'i')
}

/** What any of a text's readings names, in the order of MENTIONS. */
export function mentionsByPattern(readings: readonly Reading[]): readonly Mention[] {
  return MENTIONS.filter((name) => readings.some(({ text }) => PATTERNS[name].test(text)))
}
