// Where and for whom the person asks; empty: not told.
import { reactive } from 'vue'

export const scope = reactive({ region: '', audience: '' })
