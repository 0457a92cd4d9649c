/*
 * Single-key commands. They sleep while somebody types, while a dialog is open, and when they are
 * switched off (WCAG 2.1.4); the switch is remembered on this computer.
 */
import { onBeforeUnmount, onMounted, ref, watch } from 'vue'

const KEPT = 'sunmao-desk-keys'
export const keysOn = ref(localStorage.getItem(KEPT) !== 'off')
watch(keysOn, (on) => localStorage.setItem(KEPT, on ? 'on' : 'off'))

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable="true"]') !== null
  )
}

/** A command returns false when it has nothing to do; then the key does what it always does. */
export function useKeys(commands: Record<string, (e: KeyboardEvent) => boolean | void>): void {
  function onKey(e: KeyboardEvent): void {
    if (!keysOn.value || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return
    if (typing(e.target) || dialogOpen()) return
    const command = commands[e.key]
    if (command && command(e) !== false) e.preventDefault()
  }
  onMounted(() => addEventListener('keydown', onKey))
  onBeforeUnmount(() => removeEventListener('keydown', onKey))
}

function dialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>('.el-overlay')].some(
    (overlay) => overlay.style.display !== 'none',
  )
}
