// What an operator may set of a model, as the form's texts and as the server's numbers.
import type { Model } from '../api/models'

export interface Settings {
  key_from: string
  remote_name: string
  template: string
  licence: string
  registration_no: string
  slots: string
  price_in: string
  price_out: string
  watts: string
}
type Key = keyof Settings

function shown(n: number | undefined): string {
  return n ? String(n) : ''
}
export function settingsOf(m?: Model): Settings {
  return {
    key_from: m?.key_from ?? '',
    remote_name: m?.remote_name ?? '',
    template: m?.template ?? '',
    licence: m?.licence ?? '',
    registration_no: m?.registration_no ?? '',
    slots: shown(m?.slots),
    price_in: shown(m?.price_in),
    price_out: shown(m?.price_out),
    watts: shown(m?.watts),
  }
}

const WHOLE: readonly Key[] = ['slots']
const NUMBERS: readonly Key[] = ['slots', 'price_in', 'price_out', 'watts']

/** What is wrong with each field; nothing when all is well. */
export function wrongOf(s: Settings): Partial<Record<Key, string>> {
  const wrong: Partial<Record<Key, string>> = {}
  for (const key of NUMBERS) {
    const text = s[key].trim()
    if (!text) continue
    if (!/^\d+(\.\d+)?$/.test(text)) wrong[key] = '应当是数字'
    else if (WHOLE.includes(key) && !/^\d+$/.test(text)) wrong[key] = '应当是整数'
  }
  return wrong
}

export function bodyOf(s: Settings): Record<Key, string | number> {
  const number = (text: string): number => Number(text.trim() || 0)
  return {
    key_from: s.key_from.trim(),
    remote_name: s.remote_name.trim(),
    template: s.template.trim(),
    licence: s.licence.trim(),
    registration_no: s.registration_no.trim(),
    slots: number(s.slots),
    price_in: number(s.price_in),
    price_out: number(s.price_out),
    watts: number(s.watts),
  }
}
