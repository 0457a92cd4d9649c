// Letter size and elder mode: kept on this device, and set as attributes that the styles go by.
import { reactive, watch } from 'vue'
import { load, save } from './store'

export type Size = 'std' | 'large' | 'huge'

const params = new URLSearchParams(location.search)

export const embedded = params.get('embed') === '1'
/** A question, place and audience handed over by the page that embeds this one. */
export const given = {
  question: params.get('question') ?? '',
  region: params.get('region') ?? '',
  audience: params.get('audience') ?? '',
}

export const prefs = reactive({ size: 'std' as Size, elder: false })

export function applyPrefs(): void {
  const kept = load<Partial<typeof prefs>>('local', 'sunmao.prefs')
  if (kept?.size === 'large' || kept?.size === 'huge') prefs.size = kept.size
  prefs.elder = kept?.elder === true
  const asked = params.get('elder')
  if (asked !== null) {
    prefs.elder = asked === '1'
    // Out of the address, or a reload would undo what is chosen on the page.
    params.delete('elder')
    const rest = params.toString()
    history.replaceState(null, '', location.pathname + (rest && `?${rest}`) + location.hash)
  }

  const show = () => {
    const root = document.documentElement
    root.dataset.size = prefs.size
    root.classList.toggle('elder', prefs.elder)
    root.classList.toggle('embed', embedded)
    save('local', 'sunmao.prefs', prefs)
  }
  show()
  watch(prefs, show)
}
