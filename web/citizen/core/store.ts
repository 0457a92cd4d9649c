// Browser storage that may be missing, full or forbidden (in a frame, in private mode).

function area(kind: 'session' | 'local'): Storage | null {
  try {
    return kind === 'session' ? window.sessionStorage : window.localStorage
  } catch {
    return null
  }
}

export function load<T>(kind: 'session' | 'local', key: string): T | null {
  try {
    const text = area(kind)?.getItem(key)
    return text ? (JSON.parse(text) as T) : null
  } catch {
    return null
  }
}

export function save(kind: 'session' | 'local', key: string, value: unknown): void {
  try {
    area(kind)?.setItem(key, JSON.stringify(value))
  } catch {
    // Without storage the page works, it only forgets on reload.
  }
}

export function drop(kind: 'session' | 'local', key: string): void {
  try {
    area(kind)?.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
