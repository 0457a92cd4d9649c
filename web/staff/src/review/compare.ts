// Two versions of a document: what the server says of them.
import { get } from '../api/client'
import type { Paragraph } from './review'

export interface Piece {
  kind: 'same' | 'deleted' | 'inserted'
  text: string
}
export interface Compared {
  a: number // paragraph of the first; -1: it is not there
  b: number
  place: Paragraph['place'] | 'header' | 'footer' | 'note'
  change: number // from 1; 0: the same
  pieces: Piece[]
  layout: string[]
}
export interface Version {
  id: number
  name: string
  what: 'original' | 'fixed' | 'signed'
  digest: string
  time: number
}
export interface Comparison {
  changes: number
  inserted: number
  deleted: number
  changed: number
  layout: number
  page: string[]
  rows: Compared[]
  from: Version
  to: Version
}

export const versionName = { original: '', fixed: '（修订稿）', signed: '（签发稿）' } as const
export const placeName = {
  body: '',
  cell: '表格',
  box: '文本框',
  header: '页眉',
  footer: '页脚',
  note: '注',
} as const

export function compare(id: number, to: string): Promise<Comparison> {
  return get(`reviews/${id}/compare`, { with: to })
}

/** What happened to a paragraph, for those who cannot see it. */
export function deedOf(row: Compared): string {
  if (row.a < 0) return '增加的一段'
  if (row.b < 0) return '删去的一段'
  const words = row.pieces.some((p) => p.kind !== 'same')
  return words && row.layout.length ? '改了字和版式' : words ? '改了字' : '改了版式'
}
