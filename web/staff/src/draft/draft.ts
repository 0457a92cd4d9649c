/*
 * Official documents drafted: what the server says of them, and the calls. The draft in hand is kept
 * outside the page: somebody who looks elsewhere meanwhile finds it here on coming back.
 */
import { reactive } from 'vue'
import { address, ApiError, errorOf, post, recovered, writeHeaders } from '../api/client'
import { fileOf } from '../api/save'

export type Source = 'blank' | 'rule' | 'registry' | 'description' | 'option' | 'model'

/** What is asked for; all but the description may be left out. */
export interface Ask {
  description: string
  kind: string
  organ: string
  to: string
  cc: string
  signer: string
  date: string // YYYY-MM-DD
  attached: string[]
  clauses: { title: string; text: string }[] // what a model may write by
  without_model: boolean
}
export interface Choice {
  kind: string
  why: string
  decides: string
}
export interface DraftElement {
  role: string
  name: string
  text: string
  source: Source
  why: string
  locked: boolean
}
export interface Par {
  role: string
  text: string
  source: Source
}
export interface Refused {
  wrote: string
  code: string
  why: string
}
export interface ModelReport {
  state: 'wrote' | 'nothing' | 'failed'
  taken: number
  refused: Refused[]
  cut: boolean
}
export interface Draft {
  clear: boolean
  kind: string
  form: 'document' | 'letter' | 'order' | 'minutes' | ''
  question: string
  choices: Choice[]
  notes: string[]
  elements: DraftElement[]
  body: Par[]
  attached: string[]
  encloses: boolean
  by_model: boolean
  model: ModelReport | null
}
/** A paragraph on the page, with a key that stays when others come and go. */
export interface Row extends Par {
  key: number
}

/** The fifteen of the regulations. */
export const KINDS = [
  ...['决议', '决定', '命令', '公报', '公告', '通告', '意见', '通知', '通报', '报告', '请示'],
  ...['批复', '议案', '函', '纪要'],
] as const

export const sourceName: Record<Source, string> = {
  blank: '待填',
  rule: '规则',
  registry: '名录',
  description: '描述',
  option: '你的要求',
  model: '模型',
}
export const roleName: Record<string, string> = {
  p: '正文',
  h1: '一级标题',
  h2: '二级标题',
  h3: '三级标题',
  h4: '四级标题',
  passed: '通过日期',
}

const EMPTY: Ask = {
  description: '',
  kind: '',
  organ: '',
  to: '',
  cc: '',
  signer: '',
  date: '',
  attached: [],
  clauses: [],
  without_model: false,
}

export const work = reactive({
  ask: { ...EMPTY },
  made: { ...EMPTY }, // what the draft in hand was made of
  draft: undefined as Draft | undefined,
  elements: [] as DraftElement[], // as the person has them
  rows: [] as Row[],
  edited: false,
})

let lastKey = 0
export function rowOf(par: Par): Row {
  return { ...par, key: ++lastKey }
}

export function startOver(): void {
  Object.assign(work, {
    ask: { ...EMPTY, organ: work.ask.organ },
    made: { ...EMPTY },
    draft: undefined,
    elements: [],
    rows: [],
    edited: false,
  })
}

/** Takes a new draft in hand; `keep`: with what the person wrote into the old one. */
export function takeDraft(draft: Draft, made: Ask, keep: boolean): void {
  const old = work.elements
  const byModel = keep && work.draft?.by_model === true
  work.made = { ...made, kind: draft.kind }
  work.draft = { ...draft, by_model: draft.by_model || byModel }
  work.elements = draft.elements.map((e) => {
    const mine = keep && !e.locked ? old.find((o) => o.role === e.role && !o.locked) : undefined
    return { ...e, text: mine?.text ?? e.text }
  })
  if (!keep) work.rows = draft.body.map(rowOf)
  work.edited = keep
}

export function makeDraft(ask: Ask): Promise<Draft> {
  return post('drafts', ask)
}

/** The DOCX of the draft in hand. */
export async function draftFile(): Promise<File> {
  const body = JSON.stringify({
    ask: work.made,
    elements: work.elements.map(({ role, text }) => ({ role, text })),
    body: work.rows
      .filter((r) => r.text.trim())
      .map(({ role, text, source }) => ({ role, text, source })),
    by_model: work.draft?.by_model ?? false,
  })
  const send = (): Promise<Response> =>
    fetch(address('drafts/docx'), {
      method: 'POST',
      credentials: 'same-origin',
      headers: writeHeaders('application/json'),
      body,
    }).catch(() => {
      throw new ApiError(0, 'E_UNAVAILABLE', '连不上服务器，请检查网络后再试')
    })
  let res = await send()
  if (!res.ok && (await recovered(res.status, true))) res = await send()
  if (!res.ok) throw errorOf(res.status, await res.text(), null)
  return fileOf(res, '草稿.docx')
}
