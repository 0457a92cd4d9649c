// What a screen reader is told, a paragraph at a time.  The visible answer is no live region: it would
// read out every button, too.
import { reactive } from 'vue'

export const spoken = reactive({ lines: [] as { key: number; text: string }[] })

const KEEP = 12
let key = 0

export function announce(...texts: string[]): void {
  for (const text of texts) if (text) spoken.lines.push({ key: ++key, text })
  spoken.lines.splice(0, Math.max(0, spoken.lines.length - Math.max(KEEP, texts.length)))
}
