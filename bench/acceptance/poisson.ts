/** How often something may happen that was seen `count` times: the upper 95 % bound of a Poisson mean, exact. */
const WRONG_CHANCE = 0.05
const ROUNDS = 60

export function poissonUpper95(count: number): number {
  let [low, high] = [count, count + 10 + 4 * Math.sqrt(count)]
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2
    if (chanceOfAtMost(count, middle) > WRONG_CHANCE) low = middle
    else high = middle
  }
  return high
}

function chanceOfAtMost(count: number, mean: number): number {
  let [term, sum] = [Math.exp(-mean), Math.exp(-mean)]
  for (let at = 1; at <= count; at++) {
    term *= mean / at
    sum += term
  }
  return sum
}
