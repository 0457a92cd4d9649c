// Short news for those who listen; shown nowhere.
import { ref } from 'vue'

export const announced = ref('')

export function announce(text: string): void {
  announced.value = ''
  setTimeout(() => (announced.value = text), 50)
}
