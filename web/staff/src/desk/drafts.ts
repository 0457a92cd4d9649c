// Answers begun and not sent, by conversation: kept in memory while the page is open.
import { reactive } from 'vue'

const drafts = reactive(new Map<number, string>())

export function draftOf(id: number): string {
  return drafts.get(id) ?? ''
}
export function setDraft(id: number, text: string): void {
  if (text) drafts.set(id, text)
  else drafts.delete(id)
}
export function hasDraft(id: number): boolean {
  return drafts.has(id)
}

export function anyDraft(): boolean {
  return drafts.size > 0
}
export function clearDrafts(): void {
  drafts.clear()
}

addEventListener('beforeunload', (e) => {
  if (drafts.size) e.preventDefault()
})
