// Official documents reviewed: what the server says of them, and the calls.
import { address, errorOf, get, post, recovered, remove } from '../api/client'
import { fileOf, saveFile } from '../api/save'

export type Severity = 'error' | 'warning' | 'hint'
export type Act = 'accept' | 'dismiss' | 'dismiss_always'

export interface Paragraph {
  para: number
  place: 'body' | 'cell' | 'box'
  text: string
  align: '' | 'left' | 'center' | 'right' | 'both'
  outline: number
  table: number
  row: number
  col: number
  page: number
}
export interface Finding {
  finding: number
  rule: string
  title: string
  severity: Severity
  para: number // -1: the page
  start: number // code points
  end: number
  text: string
  suggest: string | null
  why: string
  source: string
  confidence: number
  model: boolean
  page: number
  mend: '' | 'text' | 'layout' // what can be done in the file itself
}
export interface Decision {
  finding: number
  act: Act
  reason: string
  who: string
  time: number
}
/** What a model reads beside the rules; `left`: paragraphs it was not asked about. */
export interface ModelReading {
  state: 'pending' | 'done' | 'failed'
  alias: string
  name: string
  prompt: string
  left: number
}
export interface ReviewLine {
  id: number
  name: string
  digest: string
  kind: string
  time: number
  n: number
  silenced: number
  decided: number
  fixable: boolean
  kept: boolean
  kept_until: number
  model: ModelReading | null
  signed: { who: string; time: number; digest: string; copy_digest: string } | null
}
export interface Review extends ReviewLine {
  paragraphs: Paragraph[]
  findings: Finding[]
  decisions: Decision[]
}
export interface RuleCount {
  rule: string
  title: string
  found: number
  silenced: number
  accepted: number
  dismissed: number
  never: number
}
export interface Never {
  id: number
  rule: string
  title: string
  words: string
  reason: string
  who: string
  time: number
}

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'hint']
export const severityName = { error: '错误', warning: '警告', hint: '提示' } as const
export const severityTone = { error: 'bad', warning: 'warn', hint: 'blue' } as const
export const actName = { accept: '采纳', dismiss: '忽略', dismiss_always: '不再提示' } as const

/** From here on a correction is safe to take without looking at each. */
const SAFE = 0.9
export function isSafe(f: Finding): boolean {
  return f.mend === 'text' && f.confidence >= SAFE
}

/** How far a model is with it; "" where none is asked. */
export function readingOf(review: Pick<Review, 'model' | 'findings'>): string {
  const { model } = review
  if (!model) return ''
  if (model.state === 'pending') return '模型还在看，有意见会补在下面'
  const n = review.findings.filter((f) => f.model).length
  const left = model.left ? `，${model.left} 段没有请模型看` : ''
  return model.state === 'done'
    ? `模型看过了，提示 ${n} 条${left}`
    : `模型没有看完，提示 ${n} 条；其余意见不受影响`
}
/** As a reviewer reads: those of a model come behind the others and belong between them. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.para - b.para || a.start - b.start || a.finding - b.finding)
}

export function counts(findings: readonly Finding[]): string {
  return SEVERITIES.map((s) => ({ s, n: findings.filter((f) => f.severity === s).length }))
    .filter((x) => x.n)
    .map((x) => `${severityName[x.s]} ${x.n}`)
    .join('，')
}

export function reviews(): Promise<{ reviews: ReviewLine[] }> {
  return get('reviews', { limit: 50 })
}
export function review(id: number): Promise<Review> {
  return get(`reviews/${id}`)
}
export function reviewText(name: string, text: string): Promise<Review> {
  return post('reviews', { name, text })
}
export async function decide(
  id: number,
  findings: readonly number[],
  act: Act | 'undo',
  reason = '',
): Promise<Decision[]> {
  const said = await post<{ decisions: Decision[] }>(`reviews/${id}/decisions`, {
    findings,
    act,
    reason,
  })
  return said.decisions
}
export function sign(id: number, digest: string): Promise<ReviewLine> {
  return post(`reviews/${id}/sign`, { digest })
}
export function rules(): Promise<{ rules: RuleCount[]; never: Never[] }> {
  return get('reviews/rules')
}
export function tellAgain(id: number): Promise<unknown> {
  return remove(`reviews/rules/${id}`)
}

/** Saves what the server makes; what it says of it in its headers. */
export async function save(id: number, what: 'fixed' | 'report' | 'signed'): Promise<Headers> {
  const url = address(`reviews/${id}/${what}`)
  let res = await fetch(url, { credentials: 'same-origin' })
  if (!res.ok && (await recovered(res.status, false)))
    res = await fetch(url, { credentials: 'same-origin' })
  if (!res.ok) throw errorOf(res.status, await res.text(), null)
  saveFile(await fileOf(res, `${what}.docx`))
  return res.headers
}
