// What the charts show. Lines differ in dash and mark, not in colour alone.
import { ACTS, type Act, type Day } from '../api/types'
import { actName } from '../words/names'
import type { ChartOption } from './chart'

const INK = '#3c4757'
export const LINE = '#d8dee6'
const LOOKS: Record<Act, { color: string; dash: 'solid' | 'dashed' | 'dotted'; symbol: string }> = {
  answer: { color: '#1d5bb8', dash: 'solid', symbol: 'circle' },
  clarify: { color: '#4f7f8c', dash: 'dashed', symbol: 'triangle' },
  handoff: { color: '#a65f00', dash: 'solid', symbol: 'rect' },
  refuse: { color: '#596575', dash: 'dotted', symbol: 'diamond' },
  crisis: { color: '#b42318', dash: 'solid', symbol: 'emptyCircle' },
}
// A canvas inherits no font.
export const TEXT = {
  fontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
  fontSize: 12,
  color: INK,
}
// Drawn on the canvas: no text from the server becomes HTML.
export const TOOLTIP = { renderMode: 'richText', confine: true } as const

export function daysChart(days: readonly Day[]): ChartOption {
  return {
    animation: false,
    textStyle: TEXT,
    tooltip: { ...TOOLTIP, trigger: 'axis' },
    legend: { top: 4, left: 0, itemWidth: 32, textStyle: TEXT },
    grid: { left: 8, right: 16, top: 44, bottom: 8, containLabel: true },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: days.map((d) => d.date.slice(5)),
      axisLabel: TEXT,
      axisLine: { lineStyle: { color: LINE } },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: TEXT,
      splitLine: { lineStyle: { color: LINE } },
    },
    series: ACTS.map((act) => ({
      type: 'line',
      name: actName(act),
      data: days.map((d) => d[act]),
      symbol: LOOKS[act].symbol,
      symbolSize: 6,
      showSymbol: days.length <= 31,
      itemStyle: { color: LOOKS[act].color },
      lineStyle: { color: LOOKS[act].color, type: LOOKS[act].dash, width: 2 },
    })),
  }
}

export function topChart(top: readonly { name: string; n: number }[]): ChartOption {
  const rows = [...top].reverse() // the first on top
  return {
    animation: false,
    textStyle: TEXT,
    tooltip: { ...TOOLTIP, trigger: 'item' },
    grid: { left: 8, right: 48, top: 8, bottom: 8, containLabel: true },
    xAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: TEXT,
      splitLine: { lineStyle: { color: LINE } },
    },
    yAxis: {
      type: 'category',
      data: rows.map((r) => r.name),
      axisLabel: { ...TEXT, width: 200, overflow: 'truncate' },
      axisLine: { lineStyle: { color: LINE } },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        data: rows.map((r) => r.n),
        barMaxWidth: 18,
        itemStyle: { color: '#1d5bb8' },
        label: { show: true, position: 'right', ...TEXT },
      },
    ],
  }
}
