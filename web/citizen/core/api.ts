// One way to call the server, and one kind of error that the page can explain.

export type Fault = 'network' | 'slow' | 'busy' | 'long' | 'lost' | 'conflict' | 'invalid' | 'denied' | 'down'

export class ApiError extends Error {
  constructor(
    readonly fault: Fault,
    message = '',
    /** Seconds to wait before another try. */
    readonly wait = 0,
  ) {
    super(message)
  }
}

const LIMIT_MS = 30_000

function faultOf(status: number): Fault {
  switch (status) {
    case 400:
      return 'invalid'
    case 401:
    case 403:
      return 'denied'
    case 404:
      return 'lost'
    case 409:
      return 'conflict'
    case 413:
      return 'long'
    case 429:
      return 'busy'
    case 504:
      return 'slow'
    default:
      return 'down'
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), LIMIT_MS)
  try {
    const response = await fetch(path, {
      method,
      signal: stop.signal,
      cache: 'no-store',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      // Not ours: a proxy's page.  The status says enough.
    }
    if (!response.ok) {
      const told = (json as { error?: { message?: string } } | undefined)?.error?.message
      const wait = Number(response.headers.get('Retry-After')) || 5
      throw new ApiError(faultOf(response.status), told ?? '', response.status === 429 ? wait : 0)
    }
    if (json === undefined) throw new ApiError('down')
    return json as T
  } catch (e) {
    if (e instanceof ApiError) throw e
    throw new ApiError(stop.signal.aborted ? 'slow' : 'network')
  } finally {
    clearTimeout(timer)
  }
}

export const get = <T>(path: string) => call<T>('GET', path)
export const post = <T>(path: string, body: unknown) => call<T>('POST', path, body)

/** What is told to the person, and what they can do. */
export function explain(e: unknown): string {
  const { fault, message } = e instanceof ApiError ? e : new ApiError('down')
  switch (fault) {
    case 'network':
      return '网络没有连上。请看看网络，再试一次。'
    case 'slow':
      return '等得太久，没有收到回答。请再试一次。'
    case 'busy':
      return '现在问的人多，请稍等一会儿再试。'
    case 'long':
      return '这段话太长了，请改短一些再问。'
    case 'invalid':
      return message || '这句话没法处理，请换个说法。'
    case 'lost':
    case 'conflict':
    case 'denied':
      return message || '没有找到要的内容。'
    case 'down':
      return '系统暂时出了问题。请过一会儿再试，急事请打电话。'
  }
}
