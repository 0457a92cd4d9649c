// An answer put in order for reading: parts, numbered sources, and the texts to copy and to read out.
import type { Cite, Claim, Reply } from './types'

export interface Line {
  text: string
  /** Numbers of its sources. */
  sources: number[]
}

export interface Group {
  title: string
  lines: Line[]
}

export interface Source {
  title: string
  date: string
  numbers: number[]
  cite: Cite
}

export interface Laid {
  lead: string
  groups: Group[]
  /** Each cited place, at the index of its number - 1. */
  cites: Cite[]
  /** The documents these places are in. */
  sources: Source[]
}

const TITLES: Record<string, string> = {
  worded: '简要回答',
  conclusion: '结论',
  needs: '需要什么',
  where: '去哪办',
  steps: '怎么办',
  faq: '常有人问',
  basis: '依据',
}

/** Parts come in the order in which the answer speaks of them, for it begins with what was asked,
 * be it a question that others asked, too; further ones and the basis come last. */
function groupOf(claim: Claim, first: boolean): string {
  if (claim.by && claim.by !== 'source') return 'worded'
  return claim.part in TITLES && !(first && claim.part === 'faq') ? claim.part : 'conclusion'
}

export function layOut({ claims: all, ...reply }: Pick<Reply, 'claims' | 'intro' | 'ask'>): Laid {
  const parts = new Map<string, Claim[]>()
  const seen = new Set<string>()
  for (const claim of all) {
    if (seen.has(claim.text)) continue
    const name = groupOf(claim, !seen.size)
    seen.add(claim.text)
    if (!parts.has(name)) parts.set(name, [])
    parts.get(name)!.push(claim)
  }
  for (const last of ['faq', 'basis']) {
    const claims = parts.get(last)
    if (claims && parts.delete(last)) parts.set(last, claims)
  }

  // Sources are numbered in the order of reading.
  const cites: Cite[] = []
  const numbers = new Map<string, number>()
  const numberOf = (c: Cite): number => {
    const place = [c.doc, c.clause, c.digest].join('\n')
    if (!numbers.has(place)) numbers.set(place, cites.push(c))
    return numbers.get(place)!
  }
  const groups = [...parts].map(([name, claims], i): Group => ({
    title: name === 'conclusion' && i ? (parts.has('worded') ? '原文是这样写的' : '还要知道') : TITLES[name],
    lines: claims.map((c) => ({ text: c.text, sources: [...new Set(c.cites.map(numberOf))] })),
  }))

  const sources = new Map<string, Source>()
  cites.forEach((cite, i) => {
    const kept = sources.get(cite.title)
    if (kept) kept.numbers.push(i + 1)
    else sources.set(cite.title, { title: cite.title, date: cite.date, numbers: [i + 1], cite })
  })

  return { lead: leadOf(reply), groups, cites, sources: [...sources.values()] }
}

/** The text before the parts and the choices. */
function leadOf(reply: Pick<Reply, 'intro' | 'ask'>): string {
  return [reply.intro, reply.ask.question].filter(Boolean).join('\n').trim()
}

/** 1, 2, 3, 5 → "1–3、5" */
export function ranges(numbers: number[]): string {
  const out: string[] = []
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]
    while (numbers[i + 1] === numbers[i] + 1) i++
    out.push(from === numbers[i] ? `${from}` : `${from}–${numbers[i]}`)
  }
  return out.join('、')
}

const hasLabel = (text: string) => /(人工智能|AI).*(生成|合成)/.test(text)

export const labelOf = (reply: Reply) => `${reply.label || '由人工智能（AI）生成'}，仅供参考，以所列来源和窗口答复为准。`

/** The text to copy: question, answer, sources, and always the label. */
export function copyText(question: string, reply: Reply): string {
  const text = `问：${question}\n\n${reply.answer}`
  return hasLabel(reply.answer) ? text : `${text}\n以上内容${labelOf(reply)}`
}

/** The answer a paragraph per part, for screen readers and for reading out. */
export function readable(reply: Reply): string[] {
  const laid = layOut(reply)
  const options = reply.ask.options.map((o) => o.label)
  const question = reply.claims.length ? reply.ask.question : ''
  return [
    laid.lead,
    ...laid.groups.map((g) => `${g.title}。${g.lines.map((l) => l.text).join('。')}`),
    question,
    options.length ? `可以选：${options.join('；')}` : '',
    `以上内容${labelOf(reply)}`,
  ].filter(Boolean)
}
