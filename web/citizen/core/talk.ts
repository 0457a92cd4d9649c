// The conversation: what was asked and answered, kept in the tab's own storage so that a reload loses
// nothing, and sent to the server one question at a time.
import { nextTick, reactive, watch } from 'vue'
import { announce } from './announce'
import { readable, wordedIn } from './answer'
import { ApiError, call, explain, get, post, postEvents, type Fault } from './api'
import { follow, unfollow, type Now } from './events'
import { given } from './prefs'
import { scope } from './scope'
import { site } from './site'
import { drop, load, save } from './store'
import type { Claim, Message, Reply, State } from './types'

export interface AskTurn {
  kind: 'ask'
  key: number
  text: string
  status: 'sending' | 'failed' | 'done'
  /** A person has the conversation, this is for them. */
  toPerson: boolean
  time: number
  fault?: Fault
  told?: string
  /** No further try before this time. */
  waitUntil?: number
  reply?: Reply
  /** While it is worded, and if it breaks off: the reply without its sentences; those that were checked. */
  start?: Reply
  claims?: Claim[]
  verdict?: 'right' | 'wrong'
}

/** What can be shown of an answer that is being worded.  What is not worded comes all at once, at the end. */
export function replySoFar({ start, claims = [] }: AskTurn): Reply | undefined {
  const n = wordedIn(claims)
  return start && n ? { ...start, claims: claims.slice(0, n) } : undefined
}

export interface SaidTurn {
  kind: 'said'
  key: number
  from: 'staff' | 'system'
  name: string
  text: string
  time: number
}

export type Turn = AskTurn | SaidTurn

const nobody = () => ({ session: '', state: 'machine' as State, queue: 0, person: '', after: 0, contact: '' })

/** `queue`: the place in it; `person`: who answers; `after`: the number of the last message seen. */
export const talk = reactive({ ...nobody(), turns: [] as Turn[] })
export const draft = reactive({ text: '' })

const KEY = 'sunmao.talk'
let nextKey = 1
/** Raised when the conversation is deleted: an answer still under way is not wanted any more. */
let epoch = 0

export function restore(): void {
  const kept = load<{ talk: typeof talk; scope: typeof scope; draft: string }>('session', KEY)
  if (kept?.talk && Array.isArray(kept.talk.turns)) {
    Object.assign(talk, kept.talk)
    Object.assign(scope, kept.scope)
    draft.text = kept.draft ?? ''
    for (const turn of talk.turns) {
      nextKey = Math.max(nextKey, turn.key + 1)
      if (turn.kind === 'ask' && turn.status === 'sending') {
        turn.status = 'failed'
        turn.told = '页面重新打开过，这句话还没有得到回答。'
      }
    }
  }
  if (!draft.text && !talk.turns.length) draft.text = given.question
  if (!scope.audience && /^(自然人|法人)$/.test(given.audience)) scope.audience = given.audience
  watch([talk, scope, draft], () => save('session', KEY, { talk, scope, draft: draft.text }))
  if (talk.session && talk.state !== 'machine') listen()
}

const said = (from: 'staff' | 'system', text: string, name = '', time = Date.now()): SaidTurn => ({
  kind: 'said',
  key: nextKey++,
  from,
  name,
  text,
  time,
})

function tell(text: string): void {
  talk.turns.push(said('system', text))
  announce(text)
}

/* ------------------------------------------------------------------ with a person */

export const conversation = () => `/v1/conversations/${encodeURIComponent(talk.session)}`

const listen = () => follow(talk.session, { state: setState, message: takeMessage, after: () => talk.after })

/** A state told by the server, whichever way it came. */
export function setState({ state, queue, person }: Now): void {
  const before = talk.state
  Object.assign(talk, { state, queue: queue ?? 0, person: person || (state === 'person' ? talk.person : '') })
  if (state === 'machine') unfollow()
  else listen()
  if (state === 'machine' && before !== 'machine') void over()
}

/** The person is gone.  What they said last may still be on its way; if nobody told so, we do. */
async function over(): Promise<void> {
  const mine = epoch
  talk.contact = ''
  try {
    const { messages } = await get<{ messages: Message[] }>(`${conversation()}?after=${talk.after}`)
    if (mine === epoch) messages.forEach(takeMessage)
  } catch {
    // Then it ends with our own words.
  }
  const last = talk.turns[talk.turns.length - 1]
  if (mine === epoch && !(last?.kind === 'said' && last.from === 'system')) tell('人工服务已结束，您可以继续提问。')
}

function takeMessage(m: Message): void {
  if (m.id <= talk.after) return
  talk.after = m.id
  if (m.sender === 'citizen') return
  talk.turns.push(said(m.sender, m.text, m.name, m.time))
  announce(m.sender === 'staff' ? `${m.name || '工作人员'}说：${m.text}` : m.text)
  if (document.hidden) document.title = `（有新消息）${site.title}`
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) document.title = site.title
})

/* ------------------------------------------------------------------ asking */

export const sending = () => talk.turns.some((t) => t.kind === 'ask' && t.status === 'sending')

async function ask(turn: AskTurn): Promise<Reply> {
  const body = {
    text: turn.text,
    session: talk.session || 'new',
    region: scope.region || undefined,
    audience: scope.audience || undefined,
  }
  const deliverTo = (name: string, data: unknown) => {
    const begun = replySoFar(turn)
    if (name === 'start') turn.start = data as Reply
    if (name === 'claim') turn.claims = [...(turn.claims ?? []), data as Claim]
    if (!begun && replySoFar(turn)) announce('正在逐句核对出处。')
  }
  try {
    return await postEvents<Reply>('/v1/ask', body, 'reply', deliverTo)
  } catch (e) {
    if (!(e instanceof ApiError && e.fault === 'lost' && talk.session)) throw e
    unfollow()
    Object.assign(talk, nobody())
    talk.turns.splice(talk.turns.indexOf(turn), 0, said('system', '之前的对话过了时间，已经结束。下面是新的对话。'))
    return await postEvents<Reply>('/v1/ask', { ...body, session: 'new' }, 'reply', deliverTo)
  }
}

async function deliver(turn: AskTurn): Promise<void> {
  const mine = epoch
  turn.status = 'sending'
  turn.toPerson = talk.state === 'person'
  turn.start = turn.claims = undefined
  try {
    const reply = await ask(turn)
    if (mine !== epoch) return
    if (reply.session) talk.session = reply.session
    turn.reply = reply
    turn.start = turn.claims = undefined
    turn.status = 'done'
    turn.toPerson = reply.act === 'person'
    if (!turn.toPerson) announce(...readable(reply))
    const state = reply.state ?? 'machine'
    setState({ state, queue: reply.queue || (state === 'waiting' ? talk.queue : 0) })
  } catch (e) {
    if (mine !== epoch) return
    const error = e instanceof ApiError ? e : new ApiError('down')
    turn.status = 'failed'
    turn.fault = error.fault
    turn.told = explain(error)
    turn.waitUntil = error.wait ? Date.now() + error.wait * 1000 : undefined
    announce(turn.told)
  }
}

/** Asks, and gives back the turn as it stands when the answer came or failed to. */
export async function send(text: string): Promise<AskTurn | null> {
  const asked = text.trim()
  if (!asked || sending()) return null
  talk.turns.push({ kind: 'ask', key: nextKey++, text: asked, status: 'sending', toPerson: false, time: Date.now() })
  const turn = talk.turns[talk.turns.length - 1] as AskTurn
  await deliver(turn)
  return turn
}

export const again = (turn: AskTurn) => (sending() ? Promise.resolve() : deliver(turn))

/** Takes a question that failed back into the box. */
export function takeBack(turn: AskTurn): void {
  draft.text = draft.text.trim() ? `${turn.text}\n${draft.text}` : turn.text
  talk.turns.splice(talk.turns.indexOf(turn), 1)
}

export async function judge(turn: AskTurn, verdict: 'right' | 'wrong'): Promise<void> {
  await post('/v1/feedback', { session: talk.session, record: turn.reply?.record ?? 0, verdict })
  turn.verdict = verdict
}

/** Deletes the conversation here and on the server; what the server does not know is deleted already. */
export async function clear(): Promise<void> {
  if (talk.session)
    try {
      await call('DELETE', conversation())
    } catch (e) {
      if (!(e instanceof ApiError && e.fault === 'lost')) throw e
    }
  epoch++
  unfollow()
  Object.assign(talk, nobody(), { turns: [] })
  draft.text = ''
  await nextTick()
  drop('session', KEY)
}
