// What a clause is called: a policy's path as it is (第四条), an item's element in plain words.
import type { Doc } from './types'

const ELEMENTS: Record<string, string> = {
  name: '事项名称',
  scope: '办的是什么',
  conditions: '条件',
  situations: '分情形',
  materials: '要带的材料',
  steps: '步骤',
  legal_limit: '法定时限',
  promised_limit: '承诺时限',
  fee: '收费',
  result: '办完拿到什么',
  basis: '依据',
  places: '办理地点',
  faq: '常有人问',
  consult: '咨询电话',
  complaint: '投诉电话',
  online: '网上办理',
  onsite_visits: '到现场几次',
  cross_region: '通办范围',
  audience: '办给谁',
  effective_from: '施行日期',
  eligibility: '条件说明',
}

/** The part of a document a clause stands under: shown once above its clauses. */
export function section(kind: Doc['kind'], path: string, heading: string): string {
  return kind === 'item' ? (ELEMENTS[path.split('/')[0]] ?? '其他') : heading
}

export function clauseName(kind: Doc['kind'], path: string): string {
  if (kind !== 'item') return path.replace(/\//g, '')
  const number = /(\d+)$/.exec(path)?.[1] ?? ''
  return `${section(kind, path, '')} ${number}`.trim()
}

/** 2024-03-01 → 2024年3月1日; anything else as it is. */
export function day(iso: string): string {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso)
  return m ? `${m[1]}年${Number(m[2])}月${Number(m[3])}日` : iso
}
