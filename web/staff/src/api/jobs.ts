// Long work on the server: asked after until it is over.
import { get } from './client'
import type { Job } from './types'

const EVERY_MS = 700

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

type Step = Pick<Job, 'state' | 'stage' | 'done' | 'total'>

export async function follow<J extends Step = Job>(
  id: string,
  onStep: (job: J) => void,
  path = 'jobs/',
): Promise<J> {
  for (;;) {
    const job = await get<J>(path + encodeURIComponent(id))
    onStep(job)
    if (job.state !== 'running') return job
    await pause(EVERY_MS)
  }
}

/** Whole percent, or undefined while the total is not known. */
export function percent(job: Step | undefined): number | undefined {
  return job && job.total > 0 ? Math.min(100, Math.floor((job.done / job.total) * 100)) : undefined
}
