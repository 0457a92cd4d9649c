// An answer put in order for reading: parts, numbered sources, and the texts to copy and to read out.
import type { Cite, Claim, Reply } from './types'

/** A place by its number, and the words there that a sentence rests on. */
export interface Mark {
  number: number
  cites: Cite[]
}

export interface Line {
  text: string
  /** Of which document and element, where a model's sentences come to another: what stands side by side may be of two. */
  of: string
  /** The source's own words, put where a model's did not hold or it pointed to them. */
  quoted: boolean
  /** Our own sentence that names what a model's rest on. */
  ours: boolean
  marks: Mark[]
}

export interface Group {
  title: string
  /** A list even when it has a single line: more may follow. */
  grows: boolean
  lines: Line[]
}

export interface Source {
  title: string
  date: string
  numbers: number[]
  cites: Cite[]
}

export interface Laid {
  lead: string
  groups: Group[]
  /** The documents that are cited. */
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

const isQuoted = (c: Claim) => c.how === 'quoted' || c.how === 'replaced'

/** How many claims at the beginning are what a model worded, the sentences of ours around it with them. */
export const wordedIn = (claims: Claim[]) => claims.reduce((n, c, i) => (c.by && c.by !== 'source' ? i + 1 : n), 0)

/** Parts come in the order in which the answer speaks of them, for it begins with what was asked,
 * be it a question that others asked, too; further ones and the basis come last. */
function groupOf(claim: Claim, first: boolean): string {
  return claim.part in TITLES && !(first && claim.part === 'faq') ? claim.part : 'conclusion'
}

/** The words of a clause that a claim rests on; of a clause as a whole, those that others rest on. */
function wordsAt(cites: Cite[], all: Cite[]): Cite[] {
  const told = cites.filter((c) => c.quote)
  return told.length ? told : all
}

export function layOut({ claims: all, ...reply }: Pick<Reply, 'claims' | 'intro' | 'ask'>): Laid {
  const parts = new Map<string, Claim[]>()
  const seen = new Set<string>()
  const worded = wordedIn(all)
  all.forEach((claim, i) => {
    const said = `${claim.of ?? ''}\n${claim.text}`
    if (seen.has(said)) return
    const name = i < worded ? 'worded' : groupOf(claim, !seen.size)
    seen.add(said)
    if (!parts.has(name)) parts.set(name, [])
    parts.get(name)!.push(claim)
  })
  for (const last of ['faq', 'basis']) {
    const claims = parts.get(last)
    if (claims && parts.delete(last)) parts.set(last, claims)
  }

  // Sources are numbered in the order of reading.
  const places = new Map<string, Mark>()
  const placeOf = (c: Cite): Mark => {
    const name = [c.doc, c.clause, c.digest].join('\n')
    if (!places.has(name)) places.set(name, { number: places.size + 1, cites: [] })
    return places.get(name)!
  }
  const marksOf = (c: Claim): Mark[] => {
    for (const cite of c.cites) placeOf(cite).cites.push(cite)
    return [...new Set(c.cites.map(placeOf))].map(({ number, cites }) => ({
      number,
      cites: wordsAt(
        c.cites.filter((cite) => placeOf(cite).number === number),
        cites,
      ),
    }))
  }
  let last = ''
  const newMatter = (c: Claim): string => {
    const of = c.of === last ? '' : (c.of ?? '')
    last = c.of ?? ''
    return of
  }
  const groups = [...parts].map(([name, claims], i): Group => ({
    title: name !== 'conclusion' || !i ? TITLES[name] : i === 1 && parts.has('worded') ? '原文是这样写的' : '还要知道',
    grows: name === 'worded',
    lines: claims.map((c) => ({
      text: c.text,
      of: newMatter(c),
      quoted: isQuoted(c),
      ours: c.by === 'template',
      marks: marksOf(c),
    })),
  }))

  const sources = new Map<string, Source>()
  for (const { number, cites } of places.values()) {
    const { title, date } = cites[0]
    const kept = sources.get(title)
    if (kept) kept.numbers.push(number)
    else sources.set(title, { title, date, numbers: [number], cites })
  }

  return { lead: leadOf(reply, all.length > 0), groups, sources: [...sources.values()] }
}

/** The text before the parts and the choices; behind claims a question stands with its choices. */
function leadOf(reply: Pick<Reply, 'intro' | 'ask'>, claims: boolean): string {
  return [reply.intro, claims ? '' : reply.ask.question].filter(Boolean).join('\n').trim()
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

const WORDED = `“${TITLES.worded}”由大模型写成，每一句都同来源核对过，对不上的没有显示或换成了原文。`

/** Who wrote it and what that is worth. */
export const labelOf = ({ label, claims }: Pick<Reply, 'label' | 'claims'>) =>
  `${label || '由人工智能（AI）生成'}，仅供参考，以所列来源和窗口答复为准。${wordedIn(claims) ? WORDED : ''}`

/** The text to copy: question, answer, sources, and always the label. */
export function copyText(question: string, reply: Reply): string {
  const text = `问：${question}\n\n${reply.answer}`
  const worded = wordedIn(reply.claims) ? `\n${WORDED}` : ''
  return hasLabel(reply.answer) ? text + worded : `${text}\n以上内容${labelOf(reply)}`
}

const spoken = (l: Line) => `${l.of && `${l.of}：`}${l.quoted ? `原文：“${l.text}”` : l.text}`

/** The answer a paragraph per part, for screen readers and for reading out. */
export function readable(reply: Reply): string[] {
  const laid = layOut(reply)
  const options = reply.ask.options.map((o) => o.label)
  const question = reply.claims.length ? reply.ask.question : ''
  return [
    laid.lead,
    ...laid.groups.map((g) => `${g.title}。${g.lines.map(spoken).join('。').replace(/。+/g, '。')}`),
    question,
    options.length ? `可以选：${options.join('；')}` : '',
    `以上内容${labelOf(reply)}`,
  ].filter(Boolean)
}
