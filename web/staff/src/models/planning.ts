// The planner's form: what is asked, as texts, and where the first numbers come from.
import type { LiveBackEnd, Model, ModelClass, Plan, PlanAsk, UsageReport } from '../api/models'
import { CLASSES } from './words'

export type Wish = Record<
  | `${ModelClass}_per_hour`
  | `${ModelClass}_wait`
  | 'quantile'
  | 'prompt_tokens'
  | 'generated_tokens'
  | 'prefill_per_second'
  | 'decode_per_second'
  | 'slots',
  string
>

export const START: Wish = {
  citizen_per_hour: '',
  staff_per_hour: '',
  batch_per_hour: '',
  citizen_wait: '1',
  staff_wait: '10',
  batch_wait: '',
  quantile: '95',
  prompt_tokens: '',
  generated_tokens: '',
  prefill_per_second: '',
  decode_per_second: '',
  slots: '',
}

export const FIELDS = [
  { key: 'prompt_tokens', label: '平均读入词元', hint: '一个请求的提示词。' },
  { key: 'generated_tokens', label: '平均生成词元', hint: '一个请求的回答。' },
  { key: 'prefill_per_second', label: '一张卡每秒读入', hint: '词元，只读不写时测。' },
  { key: 'decode_per_second', label: '一张卡每秒生成', hint: '词元，并发占满、只写不读时测。' },
  { key: 'slots', label: '一张卡同时请求', hint: '一次能算几个。' },
] as const

const OPTIONAL = /_(per_hour|wait)$/

export function wrongNumber(key: keyof Wish, text: string): string {
  const trimmed = text.trim()
  if (!trimmed) return OPTIONAL.test(key) ? '' : '请填写'
  if (!/^\d+(\.\d+)?$/.test(trimmed)) return '应当是数字'
  const n = Number(trimmed)
  if (key === 'quantile') return n >= 50 && n <= 99 ? '' : '应当在 50 到 99 之间'
  if (key === 'slots') return /^\d+$/.test(trimmed) && n >= 1 ? '' : '应当是不小于 1 的整数'
  return OPTIONAL.test(key) || n >= 1 ? '' : '至少是 1'
}

function perClass(wish: Wish, what: 'per_hour' | 'wait'): Record<ModelClass, number> {
  const each = CLASSES.map((c) => [c.class, Number(wish[`${c.class}_${what}`].trim() || 0)])
  return Object.fromEntries(each) as Record<ModelClass, number>
}

export function askOf(wish: Wish): PlanAsk {
  return {
    per_hour: perClass(wish, 'per_hour'),
    wait_s: perClass(wish, 'wait'),
    quantile: Number(wish.quantile) / 100,
    prompt_tokens: Number(wish.prompt_tokens),
    generated_tokens: Number(wish.generated_tokens),
    prefill_per_second: Number(wish.prefill_per_second),
    decode_per_second: Number(wish.decode_per_second),
    slots: Number(wish.slots),
  }
}

function rounded(n: number): string {
  return String(n >= 10 ? Math.round(n) : Math.round(n * 10) / 10)
}

/** From the last days' usage and the back end that serves most; what is not known stays empty. */
export function prefilled(
  report: UsageReport,
  live: readonly LiveBackEnd[],
  models: readonly Model[],
): { wish: Partial<Wish>; note: string } {
  const wish: Partial<Wish> = {}
  const told: string[] = []
  const hours = report.days * 24
  for (const c of report.by_class)
    if (c.calls > 0) wish[`${c.class}_per_hour`] = rounded(Math.max(1, c.calls / hours))
  const { calls, prompt_tokens, generated_tokens } = report.total
  if (calls > 0) {
    wish.prompt_tokens = rounded(Math.max(1, prompt_tokens / calls))
    wish.generated_tokens = rounded(Math.max(1, generated_tokens / calls))
    told.push(`请求数和词元数取自最近 ${report.days} 天的平均，请按高峰时段改大`)
  }
  const busiest = [...live].sort((a, b) => b.calls - a.calls)[0]
  const model = models.find((m) => m.id === busiest?.id)
  if (busiest && model) {
    wish.slots = String(busiest.slots)
    if (busiest.tokens_per_s > 0) {
      wish.decode_per_second = rounded(busiest.tokens_per_s * busiest.slots)
      told.push(`生成速度按 ${model.name} 现在一路的速度乘以同时请求数估，有压测的数更准`)
    }
  }
  return { wish, note: told.length ? `${told.join('；')}。` : '还没有用过模型，数字要自己填。' }
}

// A stray refusal does not count, as in the server's search.
const STRAY = 0.001
export function meets(ask: PlanAsk, plan: Plan): boolean {
  return plan.classes.every((c) => {
    const wished = ask.wait_s[c.class]
    return c.refused <= STRAY && (wished === 0 || c.wait_s <= wished)
  })
}
