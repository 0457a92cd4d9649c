// Asking for a person.
import { ApiError, post } from './api'
import type { Now } from './events'
import { site } from './site'
import { conversation, send, setState, talk } from './talk'
import type { Office } from './types'

/** Without a conversation yet, the wish itself opens one. */
export async function askForPerson(contact: string): Promise<void> {
  if (!talk.session) {
    const asked = await send('转人工')
    if (asked?.status !== 'done') throw new ApiError(asked?.fault ?? 'down', asked?.told)
  }
  const now = await post<Now & { office?: Office }>(`${conversation()}/handover`, { contact })
  talk.contact = contact
  if (now.office) site.office = now.office
  setState(now)
}
