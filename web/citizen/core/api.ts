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

/** Sends a request and hands its answer on once the server has accepted it; `idle` starts the wait anew. */
async function exchange<T>(
  method: string,
  path: string,
  body: unknown,
  accept: string,
  read: (response: Response, idle: () => void) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const idle = () => {
    clearTimeout(timer)
    timer = setTimeout(() => stop.abort(), LIMIT_MS)
  }
  idle()
  try {
    const response = await fetch(path, {
      method,
      signal: stop.signal,
      cache: 'no-store',
      headers: { Accept: accept, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!response.ok) {
      const told = parse<{ error?: { message?: string } }>(await response.text())?.error?.message
      const wait = Number(response.headers.get('Retry-After')) || 5
      throw new ApiError(faultOf(response.status), told ?? '', response.status === 429 ? wait : 0)
    }
    return await read(response, idle)
  } catch (e) {
    if (e instanceof ApiError) throw e
    throw new ApiError(stop.signal.aborted ? 'slow' : 'network')
  } finally {
    clearTimeout(timer)
  }
}

/** Nothing for what is not ours: a proxy's page.  The status says enough. */
function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

async function whole<T>(response: Response): Promise<T> {
  const json = parse<T>(await response.text())
  if (json === undefined) throw new ApiError('down')
  return json
}

export const call = <T>(method: string, path: string, body?: unknown) => exchange<T>(method, path, body, 'application/json', whole)

/** One event of a stream, its lines as they came. */
function eventOf(block: string): { name: string; data: string } {
  let name = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  return { name, data: data.join('\n') }
}

/** Asks for an answer in events; `take` is told each but the last, `last`, which is the result. */
export function postEvents<T>(path: string, body: unknown, last: string, take: (name: string, data: unknown) => void): Promise<T> {
  return exchange<T>('POST', path, body, 'text/event-stream', async (response, idle) => {
    const events = /^text\/event-stream/.test(response.headers.get('Content-Type') ?? '')
    if (!events || !response.body) return whole<T>(response)
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      idle()
      rest += decoder.decode(value, { stream: !done })
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const { name, data } = eventOf(block)
        const json = data ? parse<unknown>(data) : undefined
        if (name === 'error') throw new ApiError('down')
        if (name === last && json !== undefined) return json as T
        if (json !== undefined) take(name, json)
      }
      if (done) throw new ApiError('network')
    }
  })
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
