// The shapes of the HTTP API, as far as this page reads them.

export interface Cite {
  doc: string
  clause: string
  title: string
  quote: string
  digest: string
  /** Byte offset of the quote in the clause's UTF-8 text. */
  pos: number
  date: string
}

export type Part = 'conclusion' | 'needs' | 'where' | 'steps' | 'basis' | 'faq'

export interface Claim {
  text: string
  /** Of a model's: the document that it is of, and of which element. */
  of?: string
  part: Part
  cites: Cite[]
  /** Who worded it: a model, checked against the sources; the program, around that; the source itself. */
  by?: 'model' | 'template' | 'source'
  /** Of a model's: its own words, or the source's words in their place. */
  how?: 'said' | 'quoted' | 'replaced' | 'composed'
}

export interface Choice {
  label: string
  code: string
}

export type State = 'machine' | 'waiting' | 'person'

export interface Reply {
  act: 'answer' | 'clarify' | 'handoff' | 'refuse' | 'crisis' | 'person'
  reason: string
  items: { code: string; name: string; score: number }[]
  /** The whole text, with the AI label. */
  answer: string
  /** What comes before the claims. */
  intro: string
  claims: Claim[]
  ask: { question: string; options: Choice[] }
  more: string[]
  region: string
  label: string
  date: string
  record: number
  queue: number
  session?: string
  state?: State
}

export interface Office {
  open: boolean
  text: string
  next: string
}

export interface Site {
  city: string
  title: string
  sponsor: string
  operator: string
  hotline: string
  phone: string
  icp: string
  police: string
  site_code: string
  contact: string
  today: string
  demo: boolean
  office: Office | null
  regions: string[]
  examples: string[]
}

export interface Message {
  id: number
  time: number
  sender: 'citizen' | 'staff' | 'system'
  name: string
  text: string
}

export interface Clause {
  path: string
  heading: string
  text: string
  digest: string
  pos: number
}

export interface Doc {
  id: string
  kind: 'item' | 'policy' | 'law'
  title: string
  doc_no: string
  issuer: string
  region: string
  state: string
  version: number
  versions: number
  issued: string
  effective: string
  expires: string
  /** The id of the document that took its place. */
  superseded_by?: string
  clauses: Clause[]
}
