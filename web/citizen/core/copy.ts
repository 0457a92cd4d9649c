// To the clipboard; on a plain http address browsers offer only the old way.

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const back = document.activeElement as HTMLElement | null
    const box = document.createElement('textarea')
    box.value = text
    box.className = 'offscreen'
    box.setAttribute('aria-hidden', 'true')
    document.body.append(box)
    box.select()
    const done = document.execCommand('copy')
    box.remove()
    back?.focus()
    return done
  }
}
