// Which dialog is open, and where the focus goes.
import { nextTick, reactive } from 'vue'
import type { Cite } from './types'

export type Open =
  | { kind: 'source'; cites: Cite[] }
  | { kind: 'guide'; doc: string; title: string }
  | { kind: 'person' | 'clear' | 'privacy' | 'access' }

export const ui = reactive({ open: null as Open | null })

export function open(what: Open): void {
  ui.open = what
}

export async function focusOn(id: string): Promise<void> {
  await nextTick()
  document.getElementById(id)?.focus()
}

export const focusBox = () => focusOn('box')
