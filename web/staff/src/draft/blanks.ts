// Blanks （待填：…）: where they are in a text, and the way from one to the next.
const BLANK = /（待填：[^（）]*）/g

export interface Piece {
  text: string
  blank: boolean
}

export function pieces(text: string): Piece[] {
  const list: Piece[] = []
  let at = 0
  for (const found of text.matchAll(BLANK)) {
    if (found.index > at) list.push({ text: text.slice(at, found.index), blank: false })
    list.push({ text: found[0], blank: true })
    at = found.index + found[0].length
  }
  if (at < text.length) list.push({ text: text.slice(at), blank: false })
  return list
}

export function countBlanks(text: string): number {
  return [...text.matchAll(BLANK)].length
}

interface Spot {
  field: HTMLTextAreaElement
  from: number
  to: number
}

/** Of all fields marked data-blanks under `root`, in their order on the page. */
function spots(fields: readonly HTMLTextAreaElement[]): Spot[] {
  return fields.flatMap((field) =>
    [...field.value.matchAll(BLANK)].map((m) => ({
      field,
      from: m.index,
      to: m.index + m[0].length,
    })),
  )
}

/** Selects the next blank, or the one before; after the last comes the first. False: none is left. */
export function goToBlank(root: HTMLElement, by: 1 | -1): boolean {
  const fields = [...root.querySelectorAll<HTMLTextAreaElement>('textarea[data-blanks]')]
  const all = spots(fields)
  const now = fields.indexOf(document.activeElement as HTMLTextAreaElement)
  const place = (s: Spot): number => fields.indexOf(s.field)
  const caret = fields[now]
  const isAfter = (s: Spot): boolean =>
    place(s) > now || (place(s) === now && s.from >= (caret?.selectionEnd ?? 0))
  const isBefore = (s: Spot): boolean =>
    place(s) < now || (place(s) === now && s.to <= (caret?.selectionStart ?? 0))
  const next =
    by > 0 ? (all.find(isAfter) ?? all[0]) : ([...all].reverse().find(isBefore) ?? all[all.length - 1])
  if (!next) return false
  next.field.focus({ preventScroll: true })
  next.field.setSelectionRange(next.from, next.to)
  next.field.scrollIntoView({ block: 'center' })
  return true
}
