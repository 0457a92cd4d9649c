// The back ends and queues as they are now: asked every few seconds while the page is looked at.
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'
import { get } from '../api/client'
import { useLoad } from '../api/load'
import type { LiveStatus } from '../api/models'
import { announce } from '../shell/announce'
import { healthOf } from './words'

const EVERY_MS = 3_000

function announceTurns(before: LiveStatus | undefined, now: LiveStatus): void {
  for (const b of now.backends) {
    const old = before?.backends.find((o) => o.id === b.id)
    if (old && old.health !== b.health) announce(`模型 ${b.name}：${healthOf(b).text}`)
  }
}

export function useLive() {
  const at = shallowRef(0)
  const found = useLoad(async () => {
    const got = await get<Partial<LiveStatus> & { running: boolean }>('admin/status')
    const status = { backends: [], classes: [], departments: [], calls: [], ...got }
    announceTurns(found.data.value, status)
    at.value = Date.now()
    return status as LiveStatus
  })
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    clearInterval(timer)
    if (document.hidden) return
    void found.load()
    timer = setInterval(() => {
      if (!found.busy.value) void found.load()
    }, EVERY_MS)
  }
  onMounted(() => {
    look()
    document.addEventListener('visibilitychange', look)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
  })
  return { ...found, at }
}
