// What has been done, said for a moment at the top.
import { ElMessage } from '../element'

export function notify(text: string): void {
  ElMessage({ message: text, type: 'success', duration: 3000, offset: 52, grouping: true })
}
