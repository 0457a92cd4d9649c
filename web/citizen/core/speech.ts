// Reading out, by the browser itself and only with a voice that is on this device: a voice that lives
// elsewhere would send the text there.
import { reactive } from 'vue'
import { prefs } from './prefs'

const synth = typeof speechSynthesis === 'undefined' ? null : speechSynthesis

export const speech = reactive({ ready: false, key: 0 })

let voice: SpeechSynthesisVoice | undefined

function choose(): void {
  voice = synth?.getVoices().find((v) => v.localService && /^(zh|cmn)([-_](CN|Hans).*)?$/i.test(v.lang))
  speech.ready = voice !== undefined
}
choose()
synth?.addEventListener?.('voiceschanged', choose)

export function hush(): void {
  synth?.cancel()
  speech.key = 0
}

/** Reads the paragraphs out; `key` says whose they are. */
export function read(key: number, paragraphs: string[]): void {
  hush()
  if (!synth || !voice) return
  speech.key = key
  paragraphs.forEach((text, i) => {
    const said = new SpeechSynthesisUtterance(text)
    said.voice = voice!
    said.lang = voice!.lang
    said.rate = prefs.elder ? 0.8 : 1
    const over = () => {
      if (speech.key === key && i === paragraphs.length - 1) speech.key = 0
    }
    said.onend = over
    said.onerror = over
    synth.speak(said)
  })
}

window.addEventListener('pagehide', hush)
