// Where a quote lies in its clause.  The server counts in bytes of UTF-8, the browser in UTF-16.

/** The index of the character that begins at byte `pos`, or -1. */
function indexOfByte(text: string, pos: number): number {
  let bytes = 0
  let i = 0
  while (i < text.length && bytes < pos) {
    const code = text.codePointAt(i)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    i += code < 0x10000 ? 1 : 2
  }
  return bytes === pos ? i : -1
}

export interface Piece {
  text: string
  marked: boolean
}

/** The clause in pieces, the quotes in it marked. */
export function split(text: string, quotes: { quote: string; pos: number }[]): Piece[] {
  const spans: [number, number][] = []
  for (const { quote, pos } of quotes) {
    let at = indexOfByte(text, pos)
    if (at < 0 || !text.startsWith(quote, at)) at = text.indexOf(quote)
    if (quote && at >= 0) spans.push([at, at + quote.length])
  }
  spans.sort((a, b) => a[0] - b[0])
  const pieces: Piece[] = []
  let done = 0
  const add = (to: number, marked: boolean) => {
    if (to > done) pieces.push({ text: text.slice(done, to), marked })
    done = Math.max(done, to)
  }
  for (const [from, to] of spans) {
    add(from, false)
    add(to, true)
  }
  add(text.length, false)
  return pieces
}
