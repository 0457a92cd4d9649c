/*
 * News of the desk for an operator on whatever page: server-sent events, and while they do not
 * come, asking every few seconds. It only says that something changed; who shows it loads it.
 */
import { reactive, readonly } from 'vue'
import { get } from '../api/client'
import type { DeskList } from '../api/types'
import { announce } from '../shell/announce'
import { waitingCount } from '../shell/title'

const ASK_EVERY_MS = 5_000
const OPEN_AGAIN_MS = 30_000

const state = reactive({
  live: false, // events come; else it is asked
  changes: 0, // counts up whenever the queue changed
  line: { handover: 0, n: 0 }, // the conversation that last had news, and how many there were
})
export const feed = readonly(state)

let source: EventSource | undefined
let asking: ReturnType<typeof setInterval> | undefined
let opening: ReturnType<typeof setTimeout> | undefined

/** What is known of the queue's length, from events or from a list just loaded. */
export function noteWaiting(n: number): void {
  if (n > waitingCount.value) announce(`有 ${n} 人在等`)
  waitingCount.value = n
}

let underway = false // a call may wait long: for a login, or for the network

async function ask(): Promise<void> {
  if (underway) return
  underway = true
  try {
    noteWaiting((await get<DeskList>('desk', { state: 'waiting', limit: 1 })).waiting)
    state.changes++
  } catch {
    // Asked again soon; the page that loads the list says what is wrong.
  } finally {
    underway = false
  }
}

function beginAsking(): void {
  state.live = false
  asking ??= setInterval(() => void ask(), ASK_EVERY_MS)
}

function endAsking(): void {
  clearInterval(asking)
  asking = undefined
  state.live = true
}

function open(): void {
  source = new EventSource('/v1/desk/events')
  source.onopen = () => {
    endAsking()
    state.changes++ // what happened while it was closed
  }
  source.onerror = () => {
    beginAsking()
    if (source?.readyState === EventSource.CLOSED) opening = setTimeout(open, OPEN_AGAIN_MS)
  }
  source.addEventListener('desk', (e) => {
    noteWaiting((JSON.parse(e.data as string) as { waiting: number }).waiting)
    state.changes++
  })
  source.addEventListener('line', (e) => {
    const { handover } = JSON.parse(e.data as string) as { handover: number }
    state.line = { handover, n: state.line.n + 1 }
  })
}

export function startFeed(): void {
  stopFeed()
  void ask()
  beginAsking()
  open()
}

export function stopFeed(): void {
  source?.close()
  clearInterval(asking)
  clearTimeout(opening)
  asking = undefined
}
