// Plain words for what the gateway notes in short English ones, and what to do about it.
import type { LiveBackEnd, ModelClass, ModelState } from '../api/models'
import type { Tone } from '../parts/StateTag.vue'

export const CLASSES: readonly { class: ModelClass; text: string }[] = [
  { class: 'citizen', text: '群众办事' },
  { class: 'staff', text: '工作人员办公' },
  { class: 'batch', text: '批量任务' },
]
export function className(id: ModelClass): string {
  return CLASSES.find((c) => c.class === id)?.text ?? id
}

export const STATE_TONES: Record<ModelState, Tone> = {
  test: 'blue',
  production: 'good',
  retired: 'plain',
}

export function healthOf(b: LiveBackEnd): { text: string; tone: Tone } {
  if (b.health === 'starting') return { text: '正在启动', tone: 'warn' }
  if (b.health === 'down') return { text: '不可用', tone: 'bad' }
  if (b.breaker === 'half-open') return { text: '试着恢复', tone: 'warn' }
  return { text: '正常', tone: 'good' }
}
export function breakerName(breaker: string): string {
  const names: Record<string, string> = {
    closed: '接通',
    open: '断开',
    'half-open': '半开，放一个请求试试',
  }
  return names[breaker] ?? breaker
}

interface Said {
  why: string
  advice: string
}
type Row = readonly [RegExp, string, string?]

// What was noted, what it means, what to do. $1 is what stood in the brackets.
const WHYS: readonly Row[] = [
  [/^its calls failed, the breaker is open$/, '最近的请求大多失败，暂时不再派给它', '过一会儿会自动试一个请求，好了就恢复。一直这样，请看它自己的日志。'],
  [/^it asked to come back later$/, '它说太忙，让过一会儿再来', '等它空下来会自动恢复；常常这样，就多加一台，或把份额分给别的模型。'],
  [/^it refuses our key$/, '它不认我们的密钥', '请核对“密钥的来处”里的内容，改好后点“测试”。'],
  [/^its key cannot be read$/, '读不到它的密钥', '请看“密钥的来处”写的文件或环境变量在不在、服务读不读得了。'],
  [/^its health check answered 40[13]$/, '它不认我们的密钥', '请核对“密钥的来处”里的内容，改好后点“测试”。'],
  [/^its health check answered (\d+)$/, '问它好不好，它回了 HTTP $1', '请看那台服务器的模型服务有没有起来。'],
  [/^its name cannot be resolved$/, '解析不了它的域名', '请核对地址，或看这台机器的 DNS。'],
  [/^it cannot be connected to$/, '连不上它', '请看那台服务器开着没有、端口和防火墙对不对。'],
  [/^TLS failed$/, '安全连接（TLS）没有建成', '请核对它的证书，以及设置 models.ca。'],
  [/^it took too long$|^nothing came from it for too long$/, '等了太久没有回音', '它可能太忙或卡住了，请看那台服务器。'],
  [/^a connection to it broke$/, '和它的连接断了', '多半是它重启了或网络不稳，会自动重连。'],
  [/^no (descriptors are left|process could be started)$/, '这台服务器的系统资源用完了，引擎起不来', '请看打开的文件数和进程数的上限（ulimit），再看日志。'],
  [/^it closed the connection early$/, '它中途断开了连接', '请看它的日志，多半是崩溃或被重启。'],
  [/^what it answered is no valid response$/, '它回的不是能懂的内容', '请核对地址：可能指到了别的服务。'],
  [/^its answer is too large$/, '它的回答超过了上限', '需要更大就改设置 models.answer_mb。'],
  [/^it refuses the request$/, '它不接受这个请求', '多半是请求的参数不对，请看应用发来的内容。'],
  [/^it answered with an error$/, '它回了错误', '请看它的日志。'],
  [/^the program sunmao-engine is not installed$/, '没有装引擎程序 sunmao-engine', '运行 make engine，或在设置 models.engine 里写明它在哪里。'],
  [/^it is (starting|to be started)$/, '引擎正在装入模型', '大的模型要等一会儿。'],
  [/^the engine refuses the file$/, '引擎不收这个模型文件', '文件可能坏了或不支持；请看日志，重新下载或换一个。'],
  [/^its socket is gone$/, '它的套接字文件没有了，正在重启', '不要清理数据目录里的 run 文件夹。'],
  [/^it takes too long to start$/, '启动太久，正在重来', '机器可能内存不够，请看日志。'],
]

const STEPS: readonly Row[] = [
  [/^sent$/, '派给它'],
  [/^skipped: it lacks (\w+)$/, '跳过：它不会“$1”', '要用这个能力的请求，请让别名里有一个会它的模型。'],
  [/^skipped: the request does not fit its (\d+) tokens$/, '跳过：请求太长，它最多 $1 个词元', '请让别名里有一个上下文更长的模型。'],
  [/^skipped: back end \d+ is not served$/, '跳过：这个模型已不在用', '请把它从别名里去掉。'],
  [/^not tried elsewhere: too many calls fail at present$/, '失败的请求太多，这次没有再换别的模型试'],
  [/^put back for a live call$/, '让给更急的请求，放回队里'],
  [/^refused: queue_full$/, '拒绝：排队的已经满了', '常常这样，就要加卡；请用“算力测算”算一算。'],
  [/^refused: budget_(minute|day|month)$/, '拒绝：部门的用量到了上限', '需要的话在“部门”里调高。'],
  [/^refused: no_back_end$/, '拒绝：能用的模型都不可用'],
  [/^refused: no_department$/, '拒绝：部门已经没有了'],
  [/^refused: over_budget_size$/, '拒绝：一个请求就超过了部门的上限', '需要的话在“部门”里调高。'],
  [/^refused: waited_too_long$/, '拒绝：排队超过了时限', '常常这样，就要加卡；请用“算力测算”算一算。'],
  [/^back end \d+ is not there any more$/, '排队时这个模型停用了'],
]

function found(rows: readonly Row[], note: string): Said | undefined {
  for (const [pattern, why, advice = ''] of rows) {
    const hit = pattern.exec(note)
    if (hit) return { why: why.replace('$1', hit[1] ?? ''), advice }
  }
  return undefined
}

/** Why a back end is not to be called. What nobody foresaw is shown as it came. */
export function whyOf(note: string): Said {
  return found(WHYS, note) ?? { why: note, advice: note ? '请看服务的日志。' : '' }
}

/** A step of a call's way. */
export function stepOf(note: string, capability: (name: string) => string): Said {
  const lacking = /^skipped: it lacks (\w+)$/.exec(note)
  const told = found(STEPS, lacking ? `skipped: it lacks ${lacking[1]}` : note)
  if (told && lacking?.[1])
    return { ...told, why: told.why.replace(lacking[1], capability(lacking[1])) }
  if (told) return told
  const [, kind, rest] = /^(skipped|failed)(?: \([\w-]+\))?: (.*)$/.exec(note) ?? []
  if (!kind || !rest) return { why: note, advice: '' }
  const { why, advice } = whyOf(rest)
  return { why: `${kind === 'skipped' ? '跳过' : '没有成功'}：${why}`, advice }
}

const ACTS: Record<string, string> = {
  'alias.set': '修改',
  'alias.rollback': '退回',
  'model.add': '登记模型',
  'model.change': '修改模型',
  'model.probe': '测试模型',
  'model.eval': '评测模型',
  'model.promote': '投入生产',
  'model.retire': '停用模型',
  'model.gate': '修改投产门槛',
}
export function actOf(act: string): string {
  return ACTS[act] ?? act
}
