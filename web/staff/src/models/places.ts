// The parts of the page: #/models, #/models/list/3, #/models/usage …
import { link } from '../router'

export const PARTS = [
  { path: '', name: '总览' },
  { path: 'list', name: '模型' },
  { path: 'aliases', name: '别名' },
  { path: 'departments', name: '部门' },
  { path: 'keys', name: '密钥' },
  { path: 'usage', name: '用量' },
  { path: 'plan', name: '算力测算' },
] as const
export type Part = (typeof PARTS)[number]['path']

export function partLink(part: Part, ...more: (string | number)[]): string {
  return link(part ? ['models', part, ...more] : ['models'])
}
