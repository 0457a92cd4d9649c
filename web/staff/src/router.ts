// Hash routes: #/corpus/P01?clause=第四条. One reactive place, no history of its own.
import { reactive, readonly } from 'vue'

export interface Place {
  path: string // "/corpus/P01", as written
  parts: string[] // ["corpus", "P01"], decoded
  query: Record<string, string>
}

type Query = Record<string, string | number | undefined>

const place = reactive<Place>(read())
export const route = readonly(place)

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function read(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#/, '').split(/\?(.*)/s)
  return {
    path: path || '/',
    parts: path.split('/').filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

addEventListener('hashchange', () => Object.assign(place, read()))

/** A link to `parts` under the root: link(['corpus', 'P01'], { clause: '第四条' }). */
export function link(parts: readonly (string | number)[], query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, String(value))
  const text = search.toString()
  return '#/' + parts.map(encodeURIComponent).join('/') + (text ? '?' + text : '')
}

export function go(parts: readonly (string | number)[], query: Query = {}): void {
  location.hash = link(parts, query)
}

/** Changes the address without a step back to the old one. */
export function replace(parts: readonly (string | number)[], query: Query = {}): void {
  history.replaceState(null, '', link(parts, query))
  Object.assign(place, read())
}
