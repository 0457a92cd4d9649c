// The rows of the usage table, whatever they are grouped by.
import type { Model, Usage, UsageReport } from '../api/models'

export type By = 'department' | 'model' | 'class' | 'day'
/** Whether a rate is configured of all, of some or of none of the models that were used. */
export type Known = 'all' | 'some' | 'none'
export interface Row {
  name: string
  usage: Usage
  price: Known
  watts: Known
}

const NOTHING: Usage = {
  calls: 0,
  prompt_tokens: 0,
  generated_tokens: 0,
  refused: 0,
  failed: 0,
  busy_s: 0,
  first_ms_mean: -1,
  first_ms_p50: -1,
  first_ms_p99: -1,
  cost: 0,
  energy_wh: 0,
}

function known(flags: readonly boolean[]): Known {
  if (flags.every(Boolean)) return flags.length ? 'all' : 'none'
  return flags.some(Boolean) ? 'some' : 'none'
}
export function pricedOf(
  used: readonly number[],
  models: readonly Model[],
): { price: Known; watts: Known } {
  const mine = models.filter((m) => used.includes(m.id))
  return {
    price: known(mine.map((m) => m.price_in > 0 || m.price_out > 0)),
    watts: known(mine.map((m) => m.watts > 0)),
  }
}

const DAY_MS = 86_400_000
function daysOf(report: UsageReport): string[] {
  const first = Date.parse(report.from)
  const days = Math.round((Date.parse(report.to) - first) / DAY_MS) + 1
  return Array.from({ length: days }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10))
}

export function groupRows(report: UsageReport, by: By, models: readonly Model[]): Row[] {
  const all = report.by_model.map((m) => m.model)
  const row = (name: string, usage: Usage, used: readonly number[]): Row => ({
    name,
    usage,
    ...pricedOf(used, models),
  })
  const tokens = (r: Row): number => r.usage.prompt_tokens + r.usage.generated_tokens
  switch (by) {
    case 'day': {
      const known = new Map(report.by_day.map((d) => [d.date, d]))
      return daysOf(report).map((date) => row(date, known.get(date) ?? NOTHING, all))
    }
    case 'class':
      return report.by_class.map((c) => row(c.text, c, all))
    case 'model':
      return report.by_model
        .map((m) => row(m.model ? m.name || `模型 ${m.model}` : '没有轮到模型', m, [m.model]))
        .sort((a, b) => tokens(b) - tokens(a))
    case 'department': {
      const pairs = report.by_department_and_model
      return report.by_department
        .map((d) =>
          row(
            d.name,
            d,
            pairs.filter((p) => p.department === d.department).map((p) => p.model),
          ),
        )
        .sort((a, b) => tokens(b) - tokens(a))
    }
  }
}
