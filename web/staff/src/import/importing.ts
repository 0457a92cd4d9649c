/*
 * Files on their way in, one after the other. Kept outside the page: somebody who looks elsewhere
 * meanwhile finds everything here on coming back.
 */
import { computed, reactive } from 'vue'
import { ApiError, said } from '../api/client'
import { follow } from '../api/jobs'
import type { ImportReport, Job, Kind, Note } from '../api/types'
import { upload } from '../api/upload'
import { announce } from '../shell/announce'

export const LARGEST_BYTES = 64 * 1024 * 1024

export interface Entry {
  file: File
  state: 'ready' | 'sending' | 'working' | 'done' | 'failed'
  share: number // sent, 0 … 1
  job: Job | undefined
  report: ImportReport | undefined
  error: string
  hopeless: boolean // sending it once more would not help
}

export interface FileNote extends Note {
  file: string
}

export const importing = reactive({
  kind: 'item' as Kind,
  strict: false,
  entries: [] as Entry[],
  running: false,
})

export const notes = computed<FileNote[]>(() =>
  importing.entries.flatMap((e) =>
    (e.report?.notes ?? []).map((note) => ({ ...note, file: e.file.name })),
  ),
)

export function addFiles(files: Iterable<File>): void {
  for (const file of files) {
    const large = file.size > LARGEST_BYTES
    const error = large ? '超过 64 MB，没有上传；请拆成几个文件' : file.size ? '' : '是空文件'
    const entry: Entry = {
      file,
      state: error ? 'failed' : 'ready',
      share: 0,
      job: undefined,
      report: undefined,
      error,
      hopeless: error !== '',
    }
    importing.entries.push(entry)
  }
}

export function remove(entry: Entry): void {
  importing.entries = importing.entries.filter((e) => e !== entry)
}
export function clear(): void {
  importing.entries = []
}
/** A file that failed goes once more. */
export function ready(entry: Entry): void {
  Object.assign(entry, { state: 'ready', share: 0, job: undefined, error: '' })
}

async function takeIn(entry: Entry): Promise<void> {
  entry.state = 'sending'
  try {
    const { job } = await upload<{ job: string }>(
      'import',
      { kind: importing.kind, name: entry.file.name, strict: importing.strict ? 1 : 0 },
      entry.file,
      (share) => (entry.share = share),
    )
    entry.state = 'working'
    const end = await follow(job, (step) => (entry.job = step))
    entry.report = end.report ?? undefined
    if (end.state === 'failed') throw new ApiError(0, '', end.error?.message ?? '没有导入成功')
    entry.state = 'done'
  } catch (e) {
    entry.state = 'failed'
    entry.error = said(e)
  }
}

export async function start(): Promise<void> {
  if (importing.running) return
  importing.running = true
  for (const entry of importing.entries) if (entry.state === 'ready') await takeIn(entry)
  importing.running = false
  announce('导入做完了')
}
