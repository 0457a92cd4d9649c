// What the operator of this site says about it.
import { reactive } from 'vue'
import { get } from './api'
import { given } from './prefs'
import { scope } from './scope'
import type { Site } from './types'

export const site = reactive<Site>({
  city: '',
  title: '政务服务问答',
  sponsor: '',
  operator: '',
  hotline: '12345',
  phone: '',
  icp: '',
  police: '',
  site_code: '',
  contact: '',
  today: '',
  demo: false,
  office: null,
  regions: [],
  examples: [],
})

const RETRY_MS = 15_000

/** Also when the hours of the office may have changed. */
export async function refreshSite(): Promise<void> {
  const told = await get<Partial<Site>>('/v1/site')
  for (const [key, value] of Object.entries(told)) if (value !== '' && value !== null) Object.assign(site, { [key]: value })
}

/** The page works without; it tries again until the server answers. */
export async function loadSite(): Promise<void> {
  try {
    await refreshSite()
    document.title = site.title
    if (!scope.region && site.regions.includes(given.region)) scope.region = given.region
  } catch {
    setTimeout(() => void loadSite(), RETRY_MS)
  }
}
