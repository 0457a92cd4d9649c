// Who is logged in. Logging in again after a lapse happens over the page, which stays as it is.
import { reactive, readonly } from 'vue'
import { ApiError, get, post, said, setCsrf, setGuard } from '../api/client'
import type { Login, Site, User } from '../api/types'

interface Session {
  known: boolean // whether the server has been asked
  user: User | null
  site: Site | null
  lapsed: boolean
  trouble: string
}

const state = reactive<Session>({
  known: false,
  user: null,
  site: null,
  lapsed: false,
  trouble: '',
})
export const session = readonly(state)

let whenBack: (() => void)[] = []
let csrf = ''

function take(login: Login): void {
  csrf = login.csrf
  setCsrf(csrf)
  state.user = login.user
}

function lapsed(): Promise<void> {
  state.lapsed = true
  return new Promise((resolve) => whenBack.push(resolve))
}

// Another window may have logged in anew, or as somebody else.
async function refreshed(): Promise<boolean> {
  const login = await get<Login>('me', {}, { guarded: false })
  if (login.user.id !== state.user?.id) location.reload()
  const stale = login.csrf !== csrf
  take(login)
  return stale
}

export async function startSession(): Promise<void> {
  setGuard({ lapsed, refreshed })
  state.trouble = ''
  get<Site>('site').then((site) => (state.site = site), () => undefined)
  try {
    const login = await get<Login>('me', {}, { guarded: false })
    take(login)
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) state.trouble = said(e)
  }
  state.known = true
}

/** Throws what the server said. Somebody else than before starts afresh. */
export async function logIn(name: string, password: string): Promise<void> {
  const before = state.user
  const login = await post<Login>('login', { name, password }, { guarded: false })
  if (before && before.id !== login.user.id) {
    location.reload()
    return
  }
  take(login)
  state.lapsed = false
  const waiting = whenBack
  whenBack = []
  waiting.forEach((resolve) => resolve())
}

export async function logOut(): Promise<void> {
  try {
    await post('logout', {}, { guarded: false })
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) throw e
  }
  forgetAndLeave()
}

/** To the login page; the page is loaded anew, so that nothing of a conversation stays in memory. */
export function forgetAndLeave(): void {
  location.hash = '#/'
  location.reload()
}

export async function changePassword(old: string, fresh: string): Promise<void> {
  await post('me/password', { old, new: fresh })
  const login = await get<Login>('me')
  take(login)
}
