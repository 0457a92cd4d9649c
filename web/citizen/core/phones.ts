// Telephone numbers in a text, so that a tap dials them.

export interface Piece {
  text: string
  /** The number to dial, when this piece is one. */
  tel: string
}

/** Known short numbers, with what answers there. */
const SHORT: Record<string, string> = {
  '110': '报警',
  '119': '火警',
  '120': '急救',
  '122': '交通事故报警',
  '12345': '政务服务热线',
  '12348': '法律咨询',
  '12355': '青少年服务台',
  '12356': '心理援助',
  '12338': '妇女维权',
  '12333': '人社咨询',
  '12366': '税务咨询',
  '12329': '公积金咨询',
  '12393': '医保咨询',
  '12315': '消费投诉',
  '12328': '交通服务',
  '96110': '反诈骗',
}

const LONG = /^(0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4}|1[3-9]\d{9})$/
const RUN = /\d[\d-]+\d/g

/** In plain answers 110 may be an amount: three digits are numbers to dial only where help is named. */
export function pieces(text: string, help: boolean): Piece[] {
  const out: Piece[] = []
  let from = 0
  for (const m of text.matchAll(RUN)) {
    const run = m[0]
    const rest = text.slice(m.index + run.length)
    const short = run in SHORT && (run.length > 3 || help) && !/^[元块岁天日月年个人次万亿%.]/.test(rest)
    if (!short && !LONG.test(run)) continue
    if (m.index > from) out.push({ text: text.slice(from, m.index), tel: '' })
    out.push({ text: run, tel: run })
    from = m.index + run.length
  }
  if (from < text.length) out.push({ text: text.slice(from), tel: '' })
  return out
}

/** The numbers named in a text, each once. */
export function numbersIn(text: string): { tel: string; what: string }[] {
  const found = new Set(pieces(text, true).map((p) => p.tel))
  found.delete('')
  return [...found].map((tel) => ({ tel, what: SHORT[tel] ?? '' }))
}
