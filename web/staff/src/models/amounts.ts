// Numbers as they are read on these pages.
const WHOLE = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 0 })
const TENTH = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 1 })
const FEN = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

export function whole(n: number): string {
  return WHOLE.format(n)
}
export function tenth(n: number): string {
  return TENTH.format(n)
}
/** 9,800; 12.3 万; 1.5 亿. */
export function many(n: number): string {
  if (n >= 1e8) return `${TENTH.format(n / 1e8)} 亿`
  return n >= 1e5 ? `${TENTH.format(n / 1e4)} 万` : WHOLE.format(n)
}
export function percentOf(part: number, all: number): string {
  return all > 0 ? `${TENTH.format((part / all) * 100)}%` : '—'
}
/** 85 毫秒, 1.2 秒; what is not above 0 was not measured. */
export function waited(ms: number): string {
  if (!(ms > 0)) return '—'
  if (ms < 1000) return `${ms < 10 ? TENTH.format(ms) : WHOLE.format(ms)} 毫秒`
  return ms < 120_000 ? `${TENTH.format(ms / 1000)} 秒` : `${TENTH.format(ms / 60_000)} 分钟`
}
export function size(bytes: number): string {
  if (bytes >= 1 << 30) return `${TENTH.format(bytes / 2 ** 30)} GB`
  return bytes >= 1 << 20 ? `${TENTH.format(bytes / 2 ** 20)} MB` : `${TENTH.format(bytes / 1024)} KB`
}
export function yuan(n: number): string {
  return n > 0 && n < 0.01 ? '不到 0.01 元' : `${FEN.format(n)} 元`
}
export function energy(wattHours: number): string {
  if (wattHours >= 1000) return `${FEN.format(wattHours / 1000)} 千瓦时`
  return `${TENTH.format(wattHours)} 瓦时`
}
