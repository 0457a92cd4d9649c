// Every page: its address, its name, who may see it. The first that a role has is its home.
import { defineAsyncComponent, type Component } from 'vue'
import type { Role } from './api/types'

export interface Page {
  path: string
  name: string
  roles: readonly Role[]
  wide: boolean // fills the window, scrolls within
  component: Component
}

function page(
  path: string,
  name: string,
  roles: readonly Role[],
  load: () => Promise<{ default: Component }>,
  wide = false,
): Page {
  return { path, name, roles, wide, component: defineAsyncComponent(load) }
}

const ALL: readonly Role[] = ['operator', 'keeper', 'auditor', 'administrator']

export const pages: readonly Page[] = [
  page('desk', '坐席台', ['operator'], () => import('./desk/DeskPage.vue'), true),
  page('unanswered', '没答上来的问题', ['keeper'], () => import('./unanswered/UnansweredPage.vue')),
  page('corpus', '事项与政策', ['keeper', 'operator'], () => import('./corpus/CorpusPage.vue')),
  page('ledger', '台账', ['auditor'], () => import('./ledger/LedgerPage.vue')),
  page('tasks', '待办', ['keeper', 'auditor'], () => import('./tasks/TasksPage.vue')),
  page('import', '导入', ['keeper'], () => import('./import/ImportPage.vue')),
  page('users', '账号', ['administrator'], () => import('./users/UsersPage.vue')),
  page('models', '模型与算力', ['administrator', 'auditor'], () => import('./models/ModelsPage.vue')),
  page('draft', '公文起草', ALL, () => import('./draft/DraftPage.vue'), true),
  page('review', '公文审核', ALL, () => import('./review/ReviewPage.vue'), true),
  page('figures', '数据', ALL, () => import('./figures/FiguresPage.vue')),
]

export function pagesOf(role: Role): Page[] {
  return pages.filter((p) => p.roles.includes(role))
}
