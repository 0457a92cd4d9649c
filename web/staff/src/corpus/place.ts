// Where documents are found, and the list somebody came from.
import { link } from '../router'

export function documentLink(id: string, clause = '', version?: number): string {
  return link(['corpus', id], { clause, version })
}

let list: Record<string, string> = {}
export function keepList(query: Readonly<Record<string, string>>): void {
  list = { ...query }
}
export function listLink(): string {
  return link(['corpus'], list)
}
