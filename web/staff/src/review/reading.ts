// While a model still reads a document, what it finds is looked for.
import { onBeforeUnmount, watch } from 'vue'

const EVERY_MS = 2000

/** `look` is called again and again while `pending`; one that fails is tried again. */
export function useReading(pending: () => boolean, look: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const later = (): void => {
    stop()
    timer = setTimeout(() => {
      void look()
        .catch(() => undefined)
        .finally(() => {
          if (timer !== undefined && pending()) later()
        })
    }, EVERY_MS)
  }
  watch(pending, (waits) => (waits ? later() : stop()), { immediate: true })
  onBeforeUnmount(stop)
}
