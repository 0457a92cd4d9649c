// The server's time, anew every second while somebody looks.
import { onBeforeUnmount, ref, type Ref } from 'vue'
import { serverNow } from '../api/client'

export function useTick(): Ref<number> {
  const now = ref(serverNow())
  const timer = setInterval(() => (now.value = serverNow()), 1000)
  onBeforeUnmount(() => clearInterval(timer))
  return now
}
