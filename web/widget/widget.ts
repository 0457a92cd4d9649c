// <script src="https://host/widget.js" defer></script>
// <sunmao-ask city="…"></sunmao-ask>
//
// A button that opens a panel with the citizen page of the server this script came from.
// Attributes: city, label (the button's text), region, audience (自然人 or 法人), elder, question (put into
// the box, not sent), position (right, left, inline), open.  Events: sunmao-open, sunmao-close.
// Styles go in through the CSSOM where possible, so that a page's style-src does not matter.

const script = document.currentScript as HTMLScriptElement | null
const ORIGIN = new URL(script?.src || location.href, location.href).origin

const STYLES = `
:host { all: initial; font-family: system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
button { font: inherit; font-size: 16px; line-height: 1.3; cursor: pointer; }
button:focus-visible { outline: 3px solid #14539f; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
.toggle { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; display: flex; align-items: center; gap: 8px; min-height: 52px; padding: 8px 20px; border: 1px solid #fff; border-radius: 8px; background: #14539f; color: #fff; font-weight: 600; box-shadow: 0 2px 8px rgba(15, 25, 40, .25); }
.toggle:hover { background: #0d3d7a; }
.toggle svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linejoin: round; }
:host([elder]) .toggle { min-height: 72px; font-size: 30px; }
.panel { position: fixed; right: 24px; bottom: 88px; z-index: 2147483000; display: flex; flex-direction: column; width: min(440px, calc(100vw - 48px)); height: min(720px, calc(100vh - 112px)); border: 1px solid #6f7b8b; border-radius: 8px; background: #fff; color: #17202c; overflow: hidden; box-shadow: 0 4px 24px rgba(15, 25, 40, .2); }
.panel[hidden] { display: none; }
:host([elder]) .panel { bottom: 108px; width: min(600px, calc(100vw - 48px)); height: min(820px, calc(100vh - 132px)); }
.top { display: flex; align-items: center; gap: 8px; padding: 4px 4px 4px 16px; background: #14539f; color: #fff; }
.top span { flex: 1; font-weight: 600; font-size: 16px; }
.close { min-width: 44px; min-height: 44px; padding: 0 12px; border: 0; border-radius: 4px; background: none; color: #fff; }
.close:hover { background: #0d3d7a; }
.close:focus-visible { outline-color: #fff; outline-offset: -4px; box-shadow: none; }
:host([elder]) .close, :host([elder]) .top span { font-size: 22px; min-height: 60px; line-height: 60px; }
iframe { flex: 1; width: 100%; border: 0; background: #fff; }
:host([position=left]) .toggle, :host([position=left]) .panel { right: auto; left: 24px; }
:host([position=inline]) .toggle { position: static; box-shadow: none; }
:host([position=inline]) .panel { bottom: 24px; }
@media (max-width: 600px), (max-height: 520px) { .panel, :host([elder]) .panel, :host([position]) .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } }
@media print { :host { display: none; } }
`

class SunmaoAsk extends HTMLElement {
  static readonly observedAttributes = ['open', 'label', 'city', 'elder', 'region', 'audience', 'question']

  private readonly toggle = document.createElement('button')
  private readonly text = document.createElement('span')
  private readonly panel = document.createElement('div')
  private readonly heading = document.createElement('span')
  private readonly close = document.createElement('button')
  private frame: HTMLIFrameElement | null = null

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    try {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLES)
      root.adoptedStyleSheets = [sheet]
    } catch {
      const style = document.createElement('style')
      style.textContent = STYLES
      root.append(style)
    }

    this.toggle.type = 'button'
    this.toggle.className = 'toggle'
    this.toggle.setAttribute('aria-expanded', 'false')
    this.toggle.setAttribute('aria-controls', 'panel')
    this.toggle.setAttribute('aria-haspopup', 'dialog')
    this.toggle.append(bubble(), this.text)
    this.toggle.addEventListener('click', () => this.toggleAttribute('open'))

    this.panel.id = 'panel'
    this.panel.className = 'panel'
    this.panel.hidden = true
    this.panel.setAttribute('role', 'dialog')

    const top = document.createElement('div')
    top.className = 'top'
    this.close.type = 'button'
    this.close.className = 'close'
    this.close.textContent = '关闭'
    this.close.addEventListener('click', () => this.removeAttribute('open'))
    top.append(this.heading, this.close)
    this.panel.append(top)
    root.append(this.toggle, this.panel)

    root.addEventListener('keydown', (e) => {
      if ((e as KeyboardEvent).key === 'Escape') this.removeAttribute('open')
    })
  }

  connectedCallback(): void {
    window.addEventListener('message', this.told)
    this.name()
    if (this.hasAttribute('open')) this.show(false)
  }

  disconnectedCallback(): void {
    window.removeEventListener('message', this.told)
  }

  attributeChangedCallback(attribute: string, before: string | null, now: string | null): void {
    if (attribute === 'open') {
      if (!this.isConnected || (before === null) === (now === null)) return
      if (now === null) this.hide()
      else this.show(true)
      return
    }
    this.name()
    // The page is opened anew with what changed; the conversation lives on in its own storage.
    if (this.frame && before !== now && !/^(label|city)$/.test(attribute)) this.frame.src = this.address()
  }

  /** Escape pressed inside the page, which we cannot hear ourselves. */
  private readonly told = (e: MessageEvent): void => {
    if (e.origin === ORIGIN && e.source === this.frame?.contentWindow && e.data === 'sunmao-close') this.removeAttribute('open')
  }

  private name(): void {
    const name = `${this.getAttribute('city') ?? ''}政务服务问答`
    this.text.textContent = this.getAttribute('label') || '办事问答'
    this.heading.textContent = name
    this.panel.setAttribute('aria-label', name)
    if (this.frame) this.frame.title = name
  }

  private address(): string {
    const query = new URLSearchParams({ embed: '1' })
    for (const key of ['region', 'audience', 'question']) {
      const value = this.getAttribute(key)
      if (value) query.set(key, value)
    }
    if (this.hasAttribute('elder')) query.set('elder', '1')
    return `${ORIGIN}/?${query}`
  }

  private show(move: boolean): void {
    if (!this.frame) {
      this.frame = document.createElement('iframe')
      this.frame.allow = 'clipboard-write'
      this.frame.src = this.address()
      this.panel.append(this.frame)
      this.name()
    }
    this.panel.hidden = false
    this.toggle.setAttribute('aria-expanded', 'true')
    if (move) this.close.focus()
    this.dispatchEvent(new CustomEvent('sunmao-open', { bubbles: true, composed: true }))
  }

  private hide(): void {
    const had = this.shadowRoot?.activeElement
    this.panel.hidden = true
    this.toggle.setAttribute('aria-expanded', 'false')
    if (had) this.toggle.focus()
    this.dispatchEvent(new CustomEvent('sunmao-close', { bubbles: true, composed: true }))
  }
}

function bubble(): SVGSVGElement {
  const NS = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(NS, 'svg')
  const path = document.createElementNS(NS, 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', 'M4 5h16v11H11l-5 4v-4H4z')
  svg.append(path)
  return svg
}

if (!customElements.get('sunmao-ask')) customElements.define('sunmao-ask', SunmaoAsk)
