// Weights of an alias as shares of a hundred.
import type { Target } from '../api/models'

/** "首选", "备用 1", "备用 2" … */
export function tierName(tier: number): string {
  return tier === 0 ? '首选' : `备用 ${tier}`
}

/** Whole percent that sum to 100, by largest remainder; all 0 when no weight is above 0. */
export function percents(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (sum <= 0) return weights.map(() => 0)
  const exact = weights.map((w) => (w * 100) / sum)
  const whole = exact.map(Math.floor)
  const order = exact.map((e, i) => ({ i, rest: e - Math.floor(e) })).sort((a, b) => b.rest - a.rest)
  let left = 100 - whole.reduce((a, b) => a + b, 0)
  for (const { i } of order) if (left-- > 0) whole[i] = (whole[i] ?? 0) + 1
  return whole
}

/** The targets with weights that are shares of their tier. */
export function inPercents<T extends Target>(targets: readonly T[]): T[] {
  const share = new Map<T, number>()
  for (const tier of new Set(targets.map((t) => t.tier))) {
    const mine = targets.filter((t) => t.tier === tier)
    const shares = percents(mine.map((t) => t.weight))
    mine.forEach((t, i) => share.set(t, shares[i] ?? 0))
  }
  return targets.map((t) => ({ ...t, weight: share.get(t) ?? 0 }))
}

export function byTier<T extends Target>(targets: readonly T[]): { tier: number; targets: T[] }[] {
  const tiers = [...new Set(targets.map((t) => t.tier))].sort((a, b) => a - b)
  return tiers.map((tier) => ({ tier, targets: targets.filter((t) => t.tier === tier) }))
}

/** A model gets so much of the first tier; what is left stays with the others, in their ratio. */
export function withCanary(targets: readonly Target[], model: number, percent: number): Target[] {
  const others = targets.filter((t) => t.model !== model)
  const first = others.filter((t) => t.tier === 0)
  const shares = percents(first.map((t) => t.weight))
  const rest = percents(shares).map((s) => (s * (100 - percent)) / 100)
  const whole = percents([...rest, percent])
  return [
    ...first.map((t, i) => ({ model: t.model, tier: 0, weight: whole[i] ?? 0 })),
    { model, tier: 0, weight: whole[first.length] ?? 0 },
    ...others.filter((t) => t.tier > 0).map(({ model: m, tier, weight }) => ({ model: m, tier, weight })),
  ]
}
