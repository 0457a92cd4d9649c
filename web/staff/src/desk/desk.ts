// The calls of the desk.
import { get, post } from '../api/client'
import type { Conversation, DeskList, Handover, HandoverState, Outcome } from '../api/types'

export const PAGE = 50

export function listOf(
  state: HandoverState,
  department: string,
  before?: number,
): Promise<DeskList> {
  return get<DeskList>('desk', { state, department, limit: PAGE, before })
}
export function conversation(id: number): Promise<Conversation> {
  return get<Conversation>(`desk/${id}`)
}

async function act(id: number, deed: string, body: unknown = {}): Promise<Handover> {
  return (await post<{ handover: Handover }>(`desk/${id}/${deed}`, body)).handover
}
export const take = (id: number): Promise<Handover> => act(id, 'take')
export const answer = (id: number, text: string): Promise<Handover> => act(id, 'answer', { text })
export const forward = (id: number, department: string, note: string): Promise<Handover> =>
  act(id, 'forward', { department, note })
export const close = (id: number, outcome: Outcome): Promise<Handover> =>
  act(id, 'close', { outcome })
