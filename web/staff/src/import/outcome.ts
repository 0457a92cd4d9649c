// What became of one file, in a sentence.
import type { Entry } from './importing'

export function outcome(entry: Entry): string {
  const { report, state, error } = entry
  if (state === 'failed') return `整批没有收下：${error}`
  if (state !== 'done' || !report) return ''
  const taken = report.seen - report.refused
  if (report.refused && !taken) return `${report.refused} 件全部拒收，一件也没有收下`
  const words = [`收下 ${taken} 件`]
  if (report.refused) words.push(`拒收 ${report.refused} 件`)
  const parts = [
    report.new && `新增 ${report.new}`,
    report.changed && `有变化 ${report.changed}`,
    report.same && `没变 ${report.same}`,
  ].filter(Boolean)
  return words.join('，') + (parts.length ? `（${parts.join('，')}）` : '')
}
