// A document cut where findings begin and end.
import type { Finding, Paragraph } from './review'

export interface Piece {
  text: string
  findings: number[] // whose words these are, the shortest first
}
export interface Row {
  cells: Paragraph[][]
}
export type Block =
  | { kind: 'paragraph'; key: number; par: Paragraph }
  | { kind: 'table'; key: number; rows: Row[] }

/** Offsets are code points. */
export function pieces(text: string, findings: readonly Finding[]): Piece[] {
  const chars = Array.from(text)
  const edges = new Set([0, chars.length])
  for (const f of findings) edges.add(f.start).add(f.end)
  const at = [...edges].filter((x) => x <= chars.length).sort((a, b) => a - b)
  const short = [...findings].sort((a, b) => a.end - a.start - (b.end - b.start))
  return at.slice(0, -1).map((from, i) => ({
    text: chars.slice(from, at[i + 1]).join(''),
    findings: short.filter((f) => f.start <= from && from < f.end).map((f) => f.finding),
  }))
}

function addCell(rows: Row[], par: Paragraph): void {
  while (rows.length <= par.row) rows.push({ cells: [] })
  const row = rows[par.row]
  if (!row) return
  while (row.cells.length <= par.col) row.cells.push([])
  row.cells[par.col]?.push(par)
}

/** Cells that follow each other make a table again. */
export function blocks(paragraphs: readonly Paragraph[]): Block[] {
  const list: Block[] = []
  let table = -1
  for (const par of paragraphs) {
    const last = list[list.length - 1]
    if (par.table < 0 || par.row < 0 || par.col < 0)
      list.push({ kind: 'paragraph', key: par.para, par })
    else if (last?.kind === 'table' && par.table === table) addCell(last.rows, par)
    else {
      const rows: Row[] = []
      addCell(rows, par)
      list.push({ kind: 'table', key: par.para, rows })
    }
    table = par.table
  }
  return list
}
