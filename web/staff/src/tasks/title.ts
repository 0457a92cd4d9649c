/** A document's title as a finding's sentence names it: P43《…》. */
export function titleIn(sentence: string, id: string): string {
  let at = sentence.indexOf(`${id}《`)
  if (at < 0) return ''
  at += id.length + 1
  let depth = 1
  for (let i = at; i < sentence.length; i++) {
    if (sentence[i] === '《') depth++
    if (sentence[i] === '》' && --depth === 0) return sentence.slice(at, i)
  }
  return ''
}
