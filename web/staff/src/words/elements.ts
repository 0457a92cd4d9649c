// The elements of a service item, in the order a clerk reads them.
import type { Clause, Kind } from '../api/types'

const ELEMENTS: readonly (readonly [string, string])[] = [
  ['name', '事项'],
  ['scope', '适用范围'],
  ['conditions', '受理条件'],
  ['situations', '情形'],
  ['materials', '申请材料'],
  ['steps', '办理流程'],
  ['promised_limit', '承诺办结时限'],
  ['legal_limit', '法定办结时限'],
  ['fee', '收费'],
  ['places', '办理地点'],
  ['online', '网办深度'],
  ['onsite_visits', '到现场次数'],
  ['onsite_reason', '必须现场办理原因'],
  ['express', '邮寄'],
  ['result', '办理结果'],
  ['consult', '咨询电话'],
  ['complaint', '监督投诉电话'],
  ['cross_region', '通办范围'],
  ['audience', '服务对象'],
  ['eligibility', '资格'],
  ['rule', '资格规则'],
  ['rule_explain', '资格说明'],
  ['faq', '常见问题'],
  ['basis', '设定依据'],
  ['effective_from', '生效日期'],
  ['effective_to', '有效期至'],
  ['issuer', '发文机关'],
  ['doc_no', '发文字号'],
  ['issued', '成文日期'],
  ['effective', '施行日期'],
  ['region', '适用地区'],
]
const TITLES = new Map(ELEMENTS)
const ORDER = new Map(ELEMENTS.map(([key], i) => [key, i]))

function elementOf(path: string): string {
  return path.split('/', 1)[0] ?? path
}

/** 第四条 stays; fee is 收费; materials/m1 is 申请材料 m1. */
export function pathName(path: string): string {
  const title = TITLES.get(elementOf(path))
  if (!title) return path
  const rest = path.slice(elementOf(path).length + 1)
  return rest ? `${title} ${rest}` : title
}

export interface ClauseGroup {
  title: string
  clauses: Clause[]
}

function groupsBy(clauses: readonly Clause[], titleOf: (c: Clause) => string): ClauseGroup[] {
  const groups: ClauseGroup[] = []
  for (const clause of clauses) {
    const title = titleOf(clause)
    const last = groups[groups.length - 1]
    if (last && last.title === title) last.clauses.push(clause)
    else groups.push({ title, clauses: [clause] })
  }
  return groups
}

/** An item's clauses under its elements, a document's under the headings above them. */
export function grouped(kind: Kind, clauses: readonly Clause[]): ClauseGroup[] {
  if (kind !== 'item') return groupsBy(clauses, (c) => c.heading)
  const rank = (c: Clause): number => ORDER.get(elementOf(c.path)) ?? ELEMENTS.length
  const sorted = clauses.map((c, i) => ({ c, i }))
  sorted.sort((a, b) => rank(a.c) - rank(b.c) || a.i - b.i)
  return groupsBy(
    sorted.map(({ c }) => c),
    (c) => TITLES.get(elementOf(c.path)) ?? elementOf(c.path),
  )
}
