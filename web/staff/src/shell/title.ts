// The window's title: how many wait, the page, the house.
import { ref, watchEffect } from 'vue'
import { session } from '../session/session'

export const pageTitle = ref('')
export const waitingCount = ref(0)

watchEffect(() => {
  const count = waitingCount.value ? `(${waitingCount.value}) ` : ''
  const house = session.site?.title ? `${session.site.title}工作台` : '工作台'
  document.title = count + [pageTitle.value, house].filter(Boolean).join(' - ')
})
