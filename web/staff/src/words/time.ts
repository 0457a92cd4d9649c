// Times as they are said here.
function two(n: number): string {
  return String(n).padStart(2, '0')
}

export function clock(ms: number): string {
  const d = new Date(ms)
  return `${two(d.getHours())}:${two(d.getMinutes())}`
}

/** 09:15 of today, 11月23日 09:15 of this year, else with the year. */
export function moment(ms: number, now: number = Date.now()): string {
  if (!ms) return ''
  const d = new Date(ms)
  const n = new Date(now)
  if (d.toDateString() === n.toDateString()) return clock(ms)
  const year = d.getFullYear() === n.getFullYear() ? '' : `${d.getFullYear()}年`
  return `${year}${d.getMonth() + 1}月${d.getDate()}日 ${clock(ms)}`
}

/** 2026-11-23 09:15:02, for lists that are read as records. */
export function exact(ms: number): string {
  if (!ms) return ''
  const d = new Date(ms)
  const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`
  return `${day} ${clock(ms)}:${two(d.getSeconds())}`
}

/** 45 秒, 3 分 20 秒, 1 小时 5 分, 2 天 3 小时. */
export function lasting(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return `${s} 秒`
  if (s < 3600) return `${Math.floor(s / 60)} 分 ${s % 60} 秒`
  if (s < 86_400) return `${Math.floor(s / 3600)} 小时 ${Math.floor((s % 3600) / 60)} 分`
  return `${Math.floor(s / 86_400)} 天 ${Math.floor((s % 86_400) / 3600)} 小时`
}
