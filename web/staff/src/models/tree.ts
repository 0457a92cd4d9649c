// Departments in the order of their tree, each with its depth and its share among its siblings.
import type { Department } from '../api/models'

export interface Node {
  department: Department
  depth: number
  share: number // of what its siblings get together, 0 … 1
}

export function treeOf(all: readonly Department[]): Node[] {
  const below = new Map<number, Department[]>()
  const known = new Set(all.map((d) => d.id))
  for (const d of all) {
    const parent = known.has(d.parent) ? d.parent : 0
    below.set(parent, [...(below.get(parent) ?? []), d])
  }
  const nodes: Node[] = []
  const walk = (parent: number, depth: number): void => {
    const mine = below.get(parent) ?? []
    const sum = mine.reduce((total, d) => total + d.weight, 0)
    for (const department of mine) {
      nodes.push({ department, depth, share: department.weight / sum })
      if (depth < 16) walk(department.id, depth + 1)
    }
  }
  walk(0, 0)
  return nodes
}

/** Those that a department may hang under: not itself, nothing below it. */
export function parentsFor(all: readonly Department[], id: number): Node[] {
  const nodes = treeOf(all)
  const at = nodes.findIndex((n) => n.department.id === id)
  if (at < 0) return nodes
  const depth = nodes[at]?.depth ?? 0
  let end = at + 1
  while ((nodes[end]?.depth ?? -1) > depth) end++
  return [...nodes.slice(0, at), ...nodes.slice(end)]
}
