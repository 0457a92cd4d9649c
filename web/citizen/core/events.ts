// What happens in a conversation while a person is waited for or answers.  It comes over server-sent
// events; where those do not get through, by asking every few seconds, while the events are tried again.
import { ApiError, get } from './api'
import type { Message, State } from './types'

export interface Now {
  state: State
  queue: number
  person?: string
}

export interface Listener {
  state(now: Now): void
  message(m: Message): void
  /** The number of the last message seen. */
  after(): number
}

const POLL_MS = 5_000
const AGAIN_MS = 30_000

let path = ''
let listener: Listener
let source: EventSource | null = null
let poll: ReturnType<typeof setTimeout> | undefined
let again: ReturnType<typeof setTimeout> | undefined

export function follow(session: string, to: Listener): void {
  if (path) return
  path = `/v1/conversations/${encodeURIComponent(session)}`
  listener = to
  if (typeof EventSource === 'function') listen()
  else void ask()
}

export function unfollow(): void {
  path = ''
  source?.close()
  source = null
  clearTimeout(poll)
  clearTimeout(again)
  poll = again = undefined
}

function listen(): void {
  const es = new EventSource(`${path}/events?after=${listener.after()}`)
  const on = <T>(name: string, take: (data: T) => void) =>
    es.addEventListener(name, (e) => {
      if (source === es) take(JSON.parse((e as MessageEvent<string>).data) as T)
    })
  source = es
  on<Now>('state', (now) => listener.state(now))
  on<Message>('message', (m) => listener.message(m))
  es.addEventListener('open', () => {
    if (source !== es) return
    clearTimeout(poll)
    poll = undefined
  })
  es.addEventListener('error', () => {
    if (source !== es) return
    // Whether the browser tries again by itself or has given up: meanwhile we ask.
    poll ??= setTimeout(() => void ask(), POLL_MS)
    if (es.readyState !== EventSource.CLOSED) return
    source = null
    again = setTimeout(listen, AGAIN_MS)
  })
}

async function ask(): Promise<void> {
  const asked = path
  try {
    const now = await get<Now & { messages: Message[] }>(`${path}?after=${listener.after()}`)
    if (asked !== path) return
    now.messages.forEach((m) => listener.message(m))
    listener.state(now)
  } catch (e) {
    if (asked === path && e instanceof ApiError && e.fault === 'lost') listener.state({ state: 'machine', queue: 0 })
  }
  // Over (the listener stopped us), or the events came back meanwhile?
  if (asked === path && path) poll = source?.readyState === 1 ? undefined : setTimeout(() => void ask(), POLL_MS)
}
