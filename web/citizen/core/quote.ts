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

/** The clause in three: before the quote, the quote, after it; without a match all is "before". */
export function split(text: string, quote: string, pos: number): [string, string, string] {
  if (!quote) return [text, '', '']
  let at = indexOfByte(text, pos)
  if (at < 0 || !text.startsWith(quote, at)) at = text.indexOf(quote)
  return at < 0 ? [text, '', ''] : [text.slice(0, at), quote, text.slice(at + quote.length)]
}
