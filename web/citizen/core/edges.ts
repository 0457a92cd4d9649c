// How much of the window the parts that stay in place cover, for the styles: what is scrolled to, or gets
// the focus, must not lie behind them.

const ABOVE = '.bar'
const BELOW = '.dock, .elder-bar'

function measure(): void {
  const height = (selector: string, stays: (el: Element) => boolean) =>
    [...document.querySelectorAll<HTMLElement>(selector)].reduce((sum, el) => sum + (stays(el) ? el.offsetHeight : 0), 0)
  const { style } = document.documentElement
  style.setProperty('--top', `${height(ABOVE, () => true)}px`)
  style.setProperty('--bottom', `${height(BELOW, (el) => getComputedStyle(el).position === 'sticky')}px`)
}

/** Follows these parts as they grow, come and go. */
export function watchEdges(): void {
  measure()
  window.addEventListener('resize', measure)
  if (typeof ResizeObserver !== 'function') return
  const sizes = new ResizeObserver(measure)
  sizes.observe(document.querySelector('main')!)
  for (const el of document.querySelectorAll(`${ABOVE}, ${BELOW}`)) sizes.observe(el)
}
