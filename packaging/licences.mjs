// licences.mjs WEB: the licences of what is built into the pages, from WEB/node_modules.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

function* texts(folder, named) {
  for (const name of readdirSync(folder).filter((name) => named.test(name)).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* texts(path, /./)
    else yield readFileSync(path, 'utf8').trimEnd() + '\n'
  }
}

const web = process.argv[2]
const lock = JSON.parse(readFileSync(join(web, 'package-lock.json'), 'utf8'))
for (const [place, info] of Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const folder = join(web, place)
  if (!place || info.dev || info.optional || !existsSync(folder)) continue
  console.log(`==== ${place.replace(/^.*node_modules\//, '')} ${info.version} (${info.license ?? 'see below'})\n`)
  for (const text of texts(folder, /^(licen[cs]es?|notice|copying)/i)) console.log(text)
}
