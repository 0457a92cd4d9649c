// Chinese names of what the server calls by short words; an unknown word stands for itself.
import type { Tone } from '../parts/StateTag.vue'

export function named(table: Record<string, string>): (word: string) => string {
  return (word) => table[word] ?? word
}

export const actName = named({
  answer: '已回答',
  clarify: '反问',
  handoff: '转人工',
  refuse: '不答',
  crisis: '紧急提示',
  person: '人工',
})

export const reasonName = named({
  item: '按事项回答',
  two_items: '两件事一起答',
  policy: '按政策回答',
  eligibility: '算资格',
  situation: '问清情形',
  topic: '问清哪件事',
  greeting: '打招呼',
  unknown: '机器答不上来',
  asked: '自己要找人工',
  personal_record: '问个人办件',
  not_government: '不是政务的事',
  other_city: '外地的事',
  legal_medical: '法律或看病的意见',
  harmful: '有害内容',
  political: '政治敏感',
  abuse: '骂人',
  nonsense: '看不懂',
  prompt_attack: '套话攻击',
  suicide: '轻生',
  medical: '急病',
  fire: '火情',
  missing: '走失',
  fraud: '诈骗',
  violence: '暴力',
  danger: '危险',
})

export const outcomeName = named({
  answered: '已答复',
  forwarded_outside: '转到外单位',
  no_reply: '对方没有再回话',
  not_ours: '不归我们管',
})

export const verdictName = named({ right: '有用', wrong: '没用', out: '不归我们管' })

export const kindName = named({ item: '事项', policy: '政策', law: '法规' })

export const levelName = named({ warning: '提醒', refused: '拒收', alert: '注意' })

export const noteCodeName = named({
  MASKED: '隐去个人信息',
  SECRET_MARK: '涉密标志',
  E_INVALID: '内容不合要求',
  E_NOTFOUND: '找不到',
  E_DENIED: '不允许',
  E_CONFLICT: '编号重复',
  E_LIMIT: '超过上限',
  E_CORRUPT: '文件坏了',
  'SI-01': '当场办结与即办件相符',
  'SI-02': '承诺时限不长于法定时限',
  'SI-03': '到现场次数与原因相符',
  'SI-04': '不到现场的能邮寄',
  'SI-05': '全程网办不用到现场',
  'SI-06': '收费要素齐全',
  'SI-07': '咨询、投诉电话齐全',
  'SI-08': '服务对象与主题相符',
  'SI-09': '许可有问答和流程',
  'SI-10': '结果有样本',
  'SI-11': '能共享的材料不再要',
  'SI-12': '没有兜底说法',
  'SI-13': '写明依据和条款',
})

const DEEDS: Record<string, string> = {
  'desk.take': '接手对话',
  'desk.answer': '回复市民',
  'desk.forward': '转给其他部门',
  'desk.close': '办结对话',
  'task.settle': '处理待办',
  'unanswered.judge': '整理没答上来的问题',
  'corpus.import': '导入',
  'corpus.check': '重新检查',
  'user.add': '开通账号',
  'user.change': '修改账号',
  'user.role': '改角色',
  'user.disable': '停用账号',
  'user.enable': '启用账号',
  'user.reset': '重置密码',
  'user.password': '改自己的密码',
  'model.add': '登记模型',
  'model.change': '修改模型',
  'model.probe': '测试模型',
  'model.eval': '评测模型',
  'model.promote': '模型投入生产',
  'model.retire': '停用模型',
  'model.gate': '修改投产门槛',
  'alias.set': '修改模型别名',
  'alias.rollback': '退回模型别名',
  'department.add': '新加算力部门',
  'department.change': '修改算力部门',
  'department.remove': '删除算力部门',
  'key.add': '发放应用密钥',
  'key.revoke': '吊销应用密钥',
  'review.add': '审核公文',
  'review.sign': '签发审核过的公文',
  'review.dismiss_always': '以后不再提示',
  'review.tell_again': '恢复提示',
  'review.classified': '来了有密级标志的文件，没有审',
  'review.change_draft': '起草规则或名录的改动',
  'review.change_live': '规则或名录的改动生效',
  'review.change_drop': '丢弃规则或名录的草稿',
  'review.change_undo': '退回规则或名录的改动',
  'draft.make': '起草公文',
  'draft.write': '写出公文草稿',
  'login.ok': '登录',
  'login.failed': '登录没成功',
  'login.locked': '账号锁定',
  'login.close': '退出',
}
export function deedName(act: string): string {
  return DEEDS[act] ?? act
}

const TONES: Record<string, Tone> = {
  现行有效: 'good',
  尚未施行: 'blue',
  已失效: 'bad',
  已废止: 'bad',
  已被替代: 'warn',
}
export function stateTone(state: string): Tone {
  return TONES[state] ?? 'plain'
}
export const STATES = Object.keys(TONES)
