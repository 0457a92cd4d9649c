// One thing to be loaded for a page: what came, what went wrong, whether it is on its way.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { said } from './client'

export interface Loaded<T> {
  data: ShallowRef<T | undefined>
  error: Ref<string>
  busy: Ref<boolean>
  /** Loads again. What is there stays until the new comes; an answer overtaken is dropped. */
  load(): Promise<void>
  clear(): void
}

export function useLoad<T>(fetch: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T>()
  const error = ref('')
  const busy = ref(false)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    busy.value = true
    try {
      const got = await fetch()
      if (mine !== turn) return
      data.value = got
      error.value = ''
    } catch (e) {
      if (mine === turn) error.value = said(e)
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  function clear(): void {
    turn++
    data.value = undefined
    error.value = ''
    busy.value = false
  }
  return { data, error, busy, load, clear }
}
