// Long work on the server: asked after until it is over.
import { get } from './client'
import type { Job } from './types'

const EVERY_MS = 700

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export async function follow(id: string, onStep: (job: Job) => void): Promise<Job> {
  for (;;) {
    const job = await get<Job>('jobs/' + encodeURIComponent(id))
    onStep(job)
    if (job.state !== 'running') return job
    await pause(EVERY_MS)
  }
}

/** Whole percent, or undefined while the total is not known. */
export function percent(job: Job | undefined): number | undefined {
  return job && job.total > 0 ? Math.min(100, Math.floor((job.done / job.total) * 100)) : undefined
}
