// What the server sends. Times are milliseconds since 1970; all text is shown as text.

export type Role = 'operator' | 'keeper' | 'auditor' | 'administrator'
export type Kind = 'item' | 'policy' | 'law'

export interface User {
  id: number
  name: string
  display: string
  role: Role
  role_text: string
  department: string
  must_change: boolean
}
export interface Login {
  user: User
  csrf: string
}

export interface Office {
  open: boolean
  text: string
  next: string
}
export interface Site {
  city: string
  title: string
  demo: boolean
  today: string
  office: Office
}

export interface ItemName {
  code: string
  name: string
}

export type HandoverState = 'waiting' | 'taken' | 'closed'
export type Outcome = 'answered' | 'forwarded_outside' | 'no_reply' | 'not_ours'
export interface Handover {
  id: number
  session_short: string
  question: string
  last: string
  reason: string
  item: string
  item_name: string
  region: string
  department: string
  state: HandoverState
  since: number
  taken: number
  closed: number
  taken_by: number
  taker: string
  contact: string
  outcome: Outcome | ''
  place: number
  test: boolean
}
export interface DeskList {
  handovers: Handover[]
  office: Office
  waiting: number
  departments: string[]
}
export interface Line {
  time: number
  sender: 'citizen' | 'machine' | 'staff' | 'system'
  name: string
  text: string
}
export interface Conversation {
  handover: Handover
  lines: Line[]
  items: ItemName[]
}

export interface Hit {
  id: string
  clause: string
  title: string
  text: string
  state: string
  score: number
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
  kind: Kind
  title: string
  parent: string // an item's department
  doc_no: string
  issuer: string
  level: string
  region: string
  audience: string
  state: string
  version: number
  versions: number
  issued: string
  effective: string
  expires: string
  digest: string
  clauses: Clause[]
}
export interface Version {
  version: number
  date: string
  digest: string
  source: string
  revision: number
}
export interface Note {
  level: 'warning' | 'refused' | 'alert'
  code: string
  where: string
  text: string
}
export interface Finding {
  id: number
  kind: string
  title: string
  a: string
  a_path: string
  a_value: string
  b: string
  b_path: string
  b_value: string
  text: string
  first_seen: number
  settled: boolean
  settled_by: string
  settled_ms: number
  note: string
}
export interface KeptDoc extends Doc {
  history: Version[]
  notes: Note[]
  findings: Finding[]
}
export interface DocRow {
  id: string
  title: string
  doc_no: string
  department: string
  issuer: string
  region: string
  state: string
  version: number
  date: string
  findings: number
}
export interface DocList {
  total: number
  documents: DocRow[]
}

export interface Tasks {
  kinds: { kind: string; title: string; n: number }[]
  tasks: Finding[]
  as_of: string
  revision: number
  stale: boolean
}

export interface UnansweredRecord {
  record: number
  time: number
  question: string
  reason: string
}
export interface UnansweredGroup {
  text: string
  n: number
  records: UnansweredRecord[]
  near: ItemName[]
}

export interface ImportReport {
  seen: number
  new: number
  changed: number
  same: number
  refused: number
  warnings: number
  masked: number
  clauses: number
  notes: Note[]
}
export interface Job {
  job: string
  kind: 'import' | 'check'
  state: 'running' | 'done' | 'failed'
  stage: string
  done: number
  total: number
  report: ImportReport | null
  error: { code: string; message: string } | null
}

export interface LedgerRecord {
  id: number
  time: number
  kind: 'ask' | 'act' | 'feedback'
  act: string
  reason: string
  top: string
  question: string
  verdict: string
  about: number // the record that a verdict is on
  test: boolean
  user: string
}
export interface Ledger {
  records: LedgerRecord[]
  total: number
}

/** How an answer came about. */
export interface Trace {
  record: number
  time: number
  act: string
  reason: string
  confidence: number
  stages: { stage: string; ms: number }[]
  items: { code: string; name: string; score: number }[]
  documents: { id: string; title: string; score: number }[]
  evidence: TraceCite[]
  wording?: TraceWording
}
export interface TraceCite {
  claim: number // the sentence of the answer, from 0
  doc: string
  clause: string
  title: string
  digest: string
  date: string
}
export interface TraceSentence {
  how: 'said' | 'quoted' | 'replaced' | 'dropped'
  code: string
  wrote: string
  text: string
  verdict?: string
  why?: string
}
/** What a model made of it. Nothing but the stage's time when it could not be asked. */
export interface TraceWording {
  alias?: string
  model?: string
  prompt?: string
  cached?: boolean
  backend?: string
  queued_ms?: number
  first_ms?: number | null
  prompt_tokens?: number
  generated_tokens?: number
  failure?: string
  cut?: boolean
  evidence?: { id: string; title: string; digest: string }[]
  gate?: { said: number; quoted: number; replaced: number; dropped: number; contradicted: number; gave_up: boolean }
  sentences?: TraceSentence[]
}

export const ACTS = ['answer', 'clarify', 'handoff', 'refuse', 'crisis'] as const
export type Act = (typeof ACTS)[number]
export type Day = { date: string; total: number } & Record<Act, number>
export interface Figures {
  days: Day[]
  acts: Record<string, number>
  top: { code: string; name: string; n: number }[]
  feedback: { right: number; wrong: number }
  handovers: {
    waiting: number
    taken: number
    closed: number
    median_wait_s: number
    median_close_s: number
  }
  unanswered: number
  tests: number
}

export interface Account extends User {
  disabled: boolean
  locked: boolean
}
export interface Accounts {
  users: Account[]
  roles: { name: Role; text: string }[]
}
