// Builds the pages into OUT (default: ../build/web beside this folder):
//   index.html, assets/citizen/*        the citizen page (web/citizen)
//   staff/index.html, assets/staff/*    the staff pages (web/staff), when they are there
//   widget.js                           the widget, one script without dependencies (web/widget)
// and a .gz beside each text file over 1 KB.  The citizen page and the widget together must stay small:
// they are opened on old phones.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import vue from '@vitejs/plugin-vue'

const here = dirname(fileURLToPath(import.meta.url))
const out = resolve(process.env.OUT || join(here, '../build/web'))
const LIMIT = 60 * 1024
const TEXT = new Set(['.html', '.js', '.css', '.svg', '.json', '.txt'])

for (const old of ['index.html', 'index.html.gz', 'widget.js', 'widget.js.gz', 'assets', 'staff'])
  rmSync(join(out, old), { recursive: true, force: true })

/** What the three targets share; browsers from about 2020 on can read the result. */
function settings(root, plugins, extra) {
  return {
    root,
    base: '/',
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    plugins,
    ...extra,
    build: {
      outDir: out,
      emptyOutDir: false,
      target: ['es2019', 'chrome80', 'firefox78', 'safari13.1'],
      cssTarget: ['chrome87', 'firefox78', 'safari14'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2048,
      sourcemap: false,
      ...extra.build,
    },
  }
}

function named(folder) {
  return {
    entryFileNames: `assets/${folder}/[name]-[hash].js`,
    chunkFileNames: `assets/${folder}/[name]-[hash].js`,
    assetFileNames: `assets/${folder}/[name]-[hash][extname]`,
  }
}

await build(
  settings(join(here, 'citizen'), [vue({ features: { optionsAPI: false } })], {
    build: { rollupOptions: { output: named('citizen') } },
  }),
)

if (existsSync(join(here, 'staff/index.html')))
  await build(
    settings(here, [vue()], {
      build: { rollupOptions: { input: join(here, 'staff/index.html'), output: named('staff') } },
    }),
  )

await build(
  settings(join(here, 'widget'), [], {
    build: { lib: { entry: 'widget.ts', formats: ['iife'], name: 'SunmaoAsk', fileName: () => 'widget.js' } },
  }),
)

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else yield path
  }
}

let citizen = 0
for (const path of [...files(out)]) {
  if (!TEXT.has(extname(path))) continue
  const packed = gzipSync(readFileSync(path), { level: 9 })
  if (statSync(path).size > 1024) writeFileSync(path + '.gz', packed)
  const name = relative(out, path)
  if (name === 'index.html' || name === 'widget.js' || name.startsWith(join('assets', 'citizen'))) {
    console.log(`${String(packed.length).padStart(7)}  ${name}`)
    citizen += packed.length
  }
}
console.log(`${String(citizen).padStart(7)}  bytes of gzip: the citizen page and the widget (at most ${LIMIT})`)
if (citizen > LIMIT) {
  console.error('The citizen page and the widget are too big.')
  process.exit(1)
}
