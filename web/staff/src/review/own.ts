// An organisation's own rules and registry: what the server says of them, and the calls.
import { ApiError, get, post, remove } from '../api/client'
import type { Severity } from './review'

export type Cells = string[]
export type Table = 'organs' | 'people' | 'terms'
export type List = Table | 'rules'
/** A line of rules/*.jsonl. */
export interface RuleLine {
  id: string
  on?: boolean
  severity?: Severity
  title?: string
  why?: string
  source?: string
  status?: string
  checker?: string
  params?: Record<string, unknown>
  [more: string]: unknown
}
export interface Rule {
  id: string
  severity: Severity
  title: string
  why: string
  source: string
  status: string
  checker: string
  on: boolean
  shipped: boolean
  own: { file: string; line: number; rule: RuleLine } | null
}
export interface Trouble {
  file: string
  line: number // 0: not known
  row: number // of a change, from 0; -1: none
  message: string
}
export interface Own {
  version: string
  trouble: Trouble | null
  rules: Rule[]
}
export interface TableRow {
  line: number
  cells: Cells
}
export interface ChangeRow {
  was: Cells | RuleLine | null
  now: Cells | RuleLine | null
}
export interface Place {
  what: 'added' | 'removed' | 'altered'
  rule: string
  title: string
  severity: Severity
  para: number
  text: string
  suggest: string | null
  why: string
  review: number // 0: another person's
  name: string
  before: string
  behind: string
}
export interface Tried {
  documents: number
  left: number
  unread: number
  added: number
  removed: number
  altered: number
  ms: number
  places: Place[]
}
export interface Change {
  id: number
  list: List
  rows: ChangeRow[]
  note: string
  state: 'draft' | 'live' | 'dropped' | 'undone'
  who: string
  time: number
  tried: Tried | null
  reason: string
  decided_by: string
  decided: number
  undoes: number
}

export const PAGE = 50
export const listName = { rules: '规则', organs: '机构', people: '人员', terms: '用语' } as const
export const stateName = {
  draft: '草稿',
  live: '生效了',
  dropped: '丢弃了',
  undone: '退回了',
} as const

export interface Column {
  name: string
  hint?: string
  wide?: boolean
  options?: readonly { value: string; text: string }[]
}
const DAYS = 'YYYY-MM-DD、YYYY-MM 或 YYYY，不限就空着'
export const TERM_KINDS = [
  { value: 'forbidden', text: '不能用的词' },
  { value: 'preferred', text: '统一提法' },
  { value: 'place', text: '地名' },
  { value: 'meeting', text: '会议名称' },
  { value: 'phrase', text: '固定说法' },
  { value: 'unit', text: '单位名称' },
] as const
export const columns: Record<Table, readonly Column[]> = {
  organs: [
    { name: '全称', wide: true },
    { name: '简称', hint: '规范的在前，用“、”隔开' },
    { name: '发文代字', hint: '用“、”隔开' },
    { name: '级别', hint: '例：city、district' },
    { name: '上级机关', hint: '全称' },
    { name: '排序', hint: '整数，小的在前' },
    { name: '起', hint: DAYS },
    { name: '止', hint: DAYS },
    { name: '现名', hint: '改了名的写现在的全称' },
  ],
  people: [
    { name: '姓名' },
    { name: '职务', wide: true },
    { name: '机构', hint: '全称' },
    { name: '起', hint: DAYS },
    { name: '止', hint: DAYS },
    { name: '位次', hint: '整数，小的在前' },
  ],
  terms: [
    { name: '种类', options: TERM_KINDS },
    { name: '错误写法' },
    { name: '正确写法' },
    { name: '说明', wide: true },
  ],
}

export function own(): Promise<Own> {
  return get('review-own')
}
export function tableRows(
  list: Table,
  q: string,
  page: number,
): Promise<{ total: number; rows: TableRow[] }> {
  return get(`review-own/${list}`, { q, page, size: PAGE })
}
export async function changes(): Promise<Change[]> {
  return (await get<{ changes: Change[] }>('review-changes')).changes
}
export function draft(list: List, rows: readonly ChangeRow[], note: string): Promise<Change> {
  return post('review-changes', { list, rows, note })
}
export function tryChange(id: number): Promise<Change> {
  return post(`review-changes/${id}/try`)
}
export function putLive(id: number, reason: string): Promise<Change> {
  return post(`review-changes/${id}/live`, { reason })
}
export function takeBack(id: number, reason: string): Promise<Change> {
  return post(`review-changes/${id}/undo`, { reason })
}
export function dropDraft(id: number): Promise<unknown> {
  return remove(`review-changes/${id}`)
}

/** Which row of what was sent is wrong. */
export function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof ApiError) || !error.body) return null
  return (error.body as { trouble?: Trouble }).trouble ?? null
}

const CHECKERS: Record<string, string> = { pattern: '样式', dictionary: '词表' }
export function checkerName(checker: string): string {
  return CHECKERS[checker] ?? '程序'
}

/** "错误写法 → 正确写法" a line; nothing behind the arrow: no proposal; "删去": it is to go. */
const DELETE = '删去'
export function wordsText(words: unknown): string {
  return Object.entries((words ?? {}) as Record<string, string | string[] | null>)
    .map(([wrong, right]) => {
      if (right === null) return wrong
      return `${wrong} → ${right === '' ? DELETE : [right].flat().join('、')}`
    })
    .join('\n')
}
export function wordsOf(text: string): Record<string, string | string[] | null> {
  const words: Record<string, string | string[] | null> = {}
  for (const line of text.split('\n')) {
    const [wrong = '', right] = line.split(/\s*(?:→|->|\t)\s*/).map((s) => s.trim())
    if (!wrong) continue
    const many = (right ?? '').split('、').filter(Boolean)
    words[wrong] = !right ? null : right === DELETE ? '' : many.length > 1 ? many : right
  }
  return words
}

function ruleText(line: RuleLine): string {
  const { id, on, severity, title, checker, params } = line
  const names = { error: '错误', warning: '警告', hint: '提示' } as const
  const said = [
    id,
    title ?? '',
    on === false ? '关' : on === true ? '开' : '',
    severity ? names[severity] : '',
    checker ? checkerName(checker) : '',
  ]
  if (params?.words) said.push(wordsText(params.words).replace(/\n/g, '；'))
  if (typeof params?.match === 'string') said.push(`样式 ${params.match}`)
  if (typeof params?.suggest === 'string') said.push(`改为 ${params.suggest || DELETE}`)
  return said.filter(Boolean).join('，')
}
/** What stands in a row, in words; empty cells are left out. */
export function rowText(list: List, row: ChangeRow['was']): string {
  if (!row) return ''
  if (!Array.isArray(row) || list === 'rules') return ruleText(row as RuleLine)
  return row
    .map((cell, i) => {
      const column = columns[list][i]
      const text = column?.options?.find((o) => o.value === cell)?.text ?? cell
      return text && `${column?.name ?? ''} ${text}`
    })
    .filter(Boolean)
    .join('，')
}
