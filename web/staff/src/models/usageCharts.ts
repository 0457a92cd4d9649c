// Tokens read and generated, stacked; told apart by pattern as well as by colour.
import { LINE, TEXT, TOOLTIP } from '../figures/options'
import type { ChartOption } from '../figures/chart'
import type { Row } from './usageRows'

const MOST_NAMES = 20
const STRIPES = {
  symbol: 'rect',
  dashArrayX: [1, 0],
  dashArrayY: [2, 4],
  rotation: Math.PI / 4,
  color: 'rgba(255, 255, 255, 0.6)',
} as const
const READ = { color: '#1d5bb8' }
const WRITTEN = { color: '#a65f00', decal: STRIPES }

function parts(rows: readonly Row[]) {
  return [
    { name: '读入', data: rows.map((r) => r.usage.prompt_tokens), itemStyle: READ },
    { name: '生成', data: rows.map((r) => r.usage.generated_tokens), itemStyle: WRITTEN },
  ]
}

export function tokensByDay(rows: readonly Row[]): ChartOption {
  return {
    animation: false,
    textStyle: TEXT,
    tooltip: { ...TOOLTIP, trigger: 'axis' },
    legend: { top: 4, left: 0, textStyle: TEXT },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    xAxis: {
      type: 'category',
      data: rows.map((r) => r.name.slice(5)),
      axisLabel: TEXT,
      axisLine: { lineStyle: { color: LINE } },
    },
    yAxis: { type: 'value', minInterval: 1, axisLabel: TEXT, splitLine: { lineStyle: { color: LINE } } },
    series: parts(rows).map((p) => ({ type: 'bar', stack: 'tokens', barMaxWidth: 28, ...p })),
  }
}

export function tokensByName(rows: readonly Row[]): ChartOption {
  const shown = rows.slice(0, MOST_NAMES).reverse() // the first on top
  return {
    animation: false,
    textStyle: TEXT,
    tooltip: { ...TOOLTIP, trigger: 'item' },
    legend: { top: 4, left: 0, textStyle: TEXT },
    grid: { left: 8, right: 32, top: 40, bottom: 8, containLabel: true },
    xAxis: { type: 'value', minInterval: 1, axisLabel: TEXT, splitLine: { lineStyle: { color: LINE } } },
    yAxis: {
      type: 'category',
      data: shown.map((r) => r.name),
      axisLabel: { ...TEXT, width: 200, overflow: 'truncate' },
      axisLine: { lineStyle: { color: LINE } },
      axisTick: { show: false },
    },
    series: parts(shown).map((p) => ({ type: 'bar', stack: 'tokens', barMaxWidth: 18, ...p })),
  }
}
