// What the server says of models, back ends, departments and keys. Times are milliseconds since
// 1970, tokens are counts; 0 stands for none, never or no limit.
import type { Job } from './types'

export type ModelClass = 'citizen' | 'staff' | 'batch'
export type ModelState = 'test' | 'production' | 'retired'

export interface Model {
  id: number
  name: string
  kind: 'file' | 'server'
  state: ModelState
  state_text: string
  source: string
  key_from: string
  remote_name: string
  sm3: string
  sha256: string
  bytes: number
  architecture: string
  quantisation: string
  template: string
  licence: string
  registration_no: string
  context: number
  n_embd: number
  capabilities: Record<string, boolean>
  probed: number
  slots: number
  engine: { parallel: number; ctx: number; threads: number; batch: number; gpu_layers: number }
  price_in: number
  price_out: number
  watts: number
  created: number
}
export interface Models {
  models: Model[]
  capabilities: { name: string; text: string }[]
  classes: { class: ModelClass; text: string }[]
}

export interface EvaluationCheck {
  check: string
  text: string
  part: 'mechanical' | 'quality'
  asked: number
  right: number
  share: number
  needed: number
  met: boolean
}
export interface Evaluation {
  id: number
  model: number
  time: number
  by: string
  passed: boolean
  quality: boolean
  stands: boolean
  digest: string
  figures: {
    prompts?: number
    checks?: EvaluationCheck[]
    first_ms_p50?: number
    first_ms_max?: number
    tokens_per_second?: number
    failures?: { check: string; id: string; why: string }[]
  }
}
export interface OneModel {
  model: Model
  evaluations: Evaluation[]
}
export type ModelJob = Omit<Job, 'kind' | 'report'> & {
  kind: 'model.test' | 'model.eval'
  report: { model?: Model; evaluation?: Evaluation } | null
}

export interface Target {
  model: number
  weight: number
  tier: number // 0 first, then the fallbacks
}
export interface Alias {
  name: string
  scope: string // "", "department:3", "clerk:name"
  scope_text: string
  targets: (Target & { name: string; state: ModelState })[]
}
export interface ModelEvent {
  id: number
  time: number
  by: string
  act: string
  name: string
  scope: string
  before: unknown
  after: unknown
}

export interface Department {
  id: number
  name: string
  parent: number
  weight: number
  per_minute: number
  per_day: number
  per_month: number
  concurrency: number
  used_today: number
  used_month: number
  keys: number
}
export interface AppKey {
  id: number
  name: string
  department: number
  department_name: string
  hint: string
  state: 'active' | 'expired' | 'revoked'
  class: ModelClass
  models: string[]
  addresses: string[]
  created: number
  expires: number
  revoked: number
  used: number
}

export interface Usage {
  calls: number
  prompt_tokens: number
  generated_tokens: number
  refused: number
  failed: number
  busy_s: number
  first_ms_mean: number // -1: none
  first_ms_p50: number
  first_ms_p99: number
  cost: number
  energy_wh: number
}
export interface UsageReport {
  from: string
  to: string
  days: number
  total: Usage
  by_day: (Usage & { date: string })[]
  by_department: (Usage & { department: number; name: string })[]
  by_model: (Usage & { model: number; name: string })[]
  by_class: (Usage & { class: ModelClass; text: string })[]
  by_department_and_model: (Usage & { department: number; model: number })[]
}

export interface LiveBackEnd {
  id: number
  name: string
  kind: 'file' | 'server'
  health: 'up' | 'starting' | 'down'
  why: string
  breaker: 'closed' | 'open' | 'half-open'
  slots: number
  running: number
  calls: number
  failed: number
  prompt_tokens: number
  generated_tokens: number
  tokens_per_s: number
  first_ms: { p50: number; p95: number; p99: number } // 0: none yet
  rests_s: number
}
export interface Refusal {
  reason: string
  text: string
  n: number
}
export interface LiveClass {
  class: ModelClass
  waiting: number
  running: number
  started: number
  done: number
  failed: number
  gone: number
  refused: number
  refusals: Refusal[]
  prompt_tokens: number
  generated_tokens: number
  oldest_ms: number
}
export interface PastCall {
  trace: string
  time: number
  model: string
  backend: string
  status: number
  code: string
  department: number
  class: ModelClass
  attempts: number
  total_ms: number | null
  steps: { ms: number; backend?: string; note: string }[]
}
/** What the model thread knows now; it runs from the first model on. */
export interface LiveStatus {
  running: boolean
  backends: LiveBackEnd[]
  classes: LiveClass[]
  departments: { id: string; running: number; minute_used: number }[]
  calls: PastCall[]
}

export interface PlanAsk {
  per_hour: Record<ModelClass, number>
  wait_s: Record<ModelClass, number> // 0: as long as it takes
  quantile: number
  prompt_tokens: number
  generated_tokens: number
  prefill_per_second: number
  decode_per_second: number
  slots: number
}
export interface Plan {
  cards: number
  formula_cards: number // by Erlang's formula alone
  busy: number
  hold_s: number
  classes: {
    class: ModelClass
    text: string
    wait_s: number
    first_token_s: number
    refused: number
  }[]
}
