// How an answer came about, in plain words; a code that nobody foresaw is shown as it came.
import type { TraceSentence, TraceWording } from '../api/types'
import type { Tone } from '../parts/StateTag.vue'
import { named } from './names'

export const stageName = named({
  think: '听懂问题，查事项和政策',
  rewrite: '模型把问题换个说法',
  word: '模型起草，逐句核对',
  all: '一共',
})

export const HOW: Record<TraceSentence['how'], { text: string; tone: Tone }> = {
  said: { text: '照样显示', tone: 'good' },
  quoted: { text: '显示原文', tone: 'good' },
  replaced: { text: '换成原文', tone: 'warn' },
  dropped: { text: '没有显示', tone: 'bad' },
}

export const truthName = named({
  supported: '依据里有',
  partial: '依据里只有一部分',
  unsupported: '依据里没有',
  contradicted: '与依据相反',
})

const codeName = named({
  ok: '',
  fact_absent: '有的数字、日期或名称，依据里没有',
  fact_slot: '数字在依据里有，但说的不是这个',
  bound: '界限与依据不同（以上、以下、不超过）',
  negation: '肯定和否定与依据相反',
  condition: '漏了或改了条件',
  exception: '漏了例外',
  modality: '可以、应当、不得与依据不同',
  organ: '机关的名称依据里没有',
  subject: '依据说的是另一件事',
  quote: '引号里的话不是原文',
  wording: '有的话依据里没有',
  own_words: '说得没错，按原文的话显示',
  voted: '另一个模型读了证据，认为没有这样说',
  empty: '没有可以核对的内容',
  heading: '是小标题，不是一句话',
  repeat: '前面已经说过',
  too_long: '一句话太长',
  long: '所在的段落太长，不能只摘一句',
  pointer: '要引的原文不存在',
  limit: '写得太多，后面的不再看',
})

/** Why a sentence is not said as it came; "" when it is. */
export function becauseOf({ code, why, how }: TraceSentence): string {
  if (how === 'said' || how === 'quoted') return ''
  return why || codeName(code)
}

const failureName = named({
  too_late: '规定的时间里没有答完',
  upstream_timeout: '等了太久没有回音',
  upstream_error: '模型的服务器出错或中途断开',
  upstream_refused: '模型的服务器不接受这个请求',
  no_backend: '能用的模型都不可用',
  model_not_found: '别名后面没有模型',
  no_department: '算力部门已经没有了',
  queue_full: '排队的已经满了',
  waited_too_long: '排队超过了时限',
  cancelled: '提问的人已经离开',
  stopping: '服务正在停下',
})

/** What became of the call, a sentence. */
export function callOf(w: TraceWording): string {
  if (w.cached) return '取自缓存：问题、依据、模型和提示都没有变，没有再问模型。逐句的经过记在第一次那条里。'
  if (w.failure) return `模型没有写完：${failureName(w.failure)}。已经核对过的句子留着，其余按原文组织。`
  if (w.gate?.gave_up) return '模型接连几句都对不上依据，没有再让它写。'
  return w.cut ? '模型没有写完。已经核对过的句子留着，其余按原文组织。' : ''
}
