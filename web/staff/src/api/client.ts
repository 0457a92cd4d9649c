/*
 * Calls to the server. A refused login (401) does not fail a call: the person is asked to log in
 * again over the page, and the call goes on afterwards, so that nothing typed is lost.
 */
export type Query = Record<string, string | number | boolean | undefined>

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterS = 0,
    readonly body: unknown = undefined, // all that the server said, where it was JSON
  ) {
    super(message)
  }
}

export interface Guard {
  /** The login has lapsed. Resolves when the same person has logged in again. */
  lapsed(): Promise<void>
  /** A write was refused: true when the token was out of date and is fresh now. */
  refreshed(): Promise<boolean>
}

interface Options {
  query?: Query
  body?: unknown
  guarded?: boolean // false: a 401 is an answer like any other
}

let csrf = ''
let guard: Guard | undefined
let skewMs = 0

export function setCsrf(token: string): void {
  csrf = token
}
export function setGuard(g: Guard): void {
  guard = g
}
/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + skewMs
}

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, String(value))
  const text = search.toString()
  return '/v1/' + path + (text ? '?' + text : '')
}

export function writeHeaders(type: string): Record<string, string> {
  return { 'Content-Type': type, 'X-CSRF-Token': csrf }
}

/** The error that an answer's status and text stand for. */
export function errorOf(status: number, text: string, retryAfter: string | null): ApiError {
  let code = 'E_INTERNAL'
  let message = `服务器出错（${status}），请稍后再试`
  let body: unknown
  try {
    body = JSON.parse(text)
    const error = (body as { error?: { code?: string; message?: string } }).error
    if (error?.code) code = error.code
    if (error?.message) message = error.message
  } catch {
    // Not ours, a proxy's page perhaps: the general message stands.
  }
  return new ApiError(status, code, message, Number(retryAfter) || 0, body)
}

/** What to do about a refused call: true means send it again. */
export async function recovered(status: number, write: boolean): Promise<boolean> {
  if (!guard) return false
  if (status === 401) {
    await guard.lapsed()
    return true
  }
  return status === 403 && write && (await guard.refreshed())
}

function noteClock(res: Response): void {
  const date = Date.parse(res.headers.get('date') ?? '')
  // The header has whole seconds: less than two is no difference.
  if (date) skewMs = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now()
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const write = method !== 'GET'
  try {
    return await fetch(address(path, options.query), {
      method,
      credentials: 'same-origin',
      headers: write ? writeHeaders('application/json') : {},
      body: write ? JSON.stringify(options.body ?? {}) : null,
    })
  } catch {
    throw new ApiError(0, 'E_UNAVAILABLE', '连不上服务器，请检查网络后再试')
  }
}

async function call<T>(method: string, path: string, options: Options): Promise<T> {
  let res = await send(method, path, options)
  if (!res.ok && options.guarded !== false && (await recovered(res.status, method !== 'GET')))
    res = await send(method, path, options)
  noteClock(res)
  const text = await res.text()
  if (!res.ok) throw errorOf(res.status, text, res.headers.get('retry-after'))
  return JSON.parse(text) as T
}

export function get<T>(path: string, query: Query = {}, options: Options = {}): Promise<T> {
  return call<T>('GET', path, { ...options, query })
}
export function post<T>(path: string, body: unknown = {}, options: Options = {}): Promise<T> {
  return call<T>('POST', path, { ...options, body })
}
export function remove<T>(path: string): Promise<T> {
  return call<T>('DELETE', path, {})
}

/** What to say about anything that was thrown. */
export function said(error: unknown): string {
  return error instanceof Error && error.message ? error.message : '没有成功，请再试一次'
}
