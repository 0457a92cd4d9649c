/*
 * Files to be reviewed, one after the other. Kept outside the page: somebody who looks elsewhere
 * meanwhile finds everything here on coming back.
 */
import { reactive } from 'vue'
import { said } from '../api/client'
import { upload } from '../api/upload'
import { announce } from '../shell/announce'
import type { Review } from './review'

export const LARGEST_BYTES = 32 * 1024 * 1024

export interface Entry {
  file: File
  state: 'ready' | 'sending' | 'done' | 'failed'
  share: number // sent, 0 … 1
  id: number
  findings: Review['findings']
  error: string
}

export const queue = reactive({ entries: [] as Entry[], running: false })

function entryOf(file: File): Entry {
  const large = file.size > LARGEST_BYTES
  const error = large ? '超过 32 MB，没有上传' : file.size ? '' : '是空文件'
  return { file, state: error ? 'failed' : 'ready', share: 0, id: 0, findings: [], error }
}

async function takeIn(entry: Entry): Promise<void> {
  entry.state = 'sending'
  try {
    const got = await upload<Review>(
      'reviews',
      { name: entry.file.name },
      entry.file,
      (share) => (entry.share = share),
    )
    Object.assign(entry, { state: 'done', id: got.id, findings: got.findings })
  } catch (e) {
    Object.assign(entry, { state: 'failed', error: said(e) })
  }
}

/** Resolves when nothing waits any more. */
export async function reviewFiles(files: readonly File[]): Promise<void> {
  queue.entries.push(...files.map(entryOf))
  if (queue.running) return
  queue.running = true
  for (;;) {
    const next = queue.entries.find((e) => e.state === 'ready')
    if (!next) break
    await takeIn(next)
  }
  queue.running = false
  announce('文件都审完了')
}

export function clearQueue(): void {
  queue.entries = queue.entries.filter((e) => e.state === 'ready' || e.state === 'sending')
}
