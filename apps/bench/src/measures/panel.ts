import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { Complaint } from '../../../../scripts/lib/complaint.mjs'
import { chromiumFlags, findChromium } from '../../../../scripts/lib/chromium.mjs'
import { bundlePanelPage } from '../panel/bundle.ts'
import type { Motion, PanelBench } from '../panel/page.ts'
import { median, type Spread, spread } from '../statistics.ts'

const panelSpans = 100_000
export const panelMotions = ['pan', 'pan up close', 'zoom', 'full', 'live', 'evicting'] as const

/** Frames of one motion beside those of an empty animation loop in the same browser, in the same round. */
export interface PanelRow {
  readonly motion: Exclude<Motion, 'idle'>
  /** Milliseconds from frame to frame. */
  readonly median: Spread
  readonly p95: Spread
  readonly longest: Spread
  readonly medianRatio: Spread
  readonly p95Ratio: Spread
}

export interface PanelResult {
  readonly browser: string
  readonly rows: readonly PanelRow[]
  /** Milliseconds from opening on all spans to the first picture. */
  readonly opening: Spread
  /** Bytes a span that the panel holds, with what its arrays keep outside of the heap; the record apart. */
  readonly heap: Spread
}

const rounds = 3
/** Milliseconds of each motion in each round. */
const motionLength = 3_000

/** The panel on 100,000 spans, headless, with software rendering. */
export async function measurePanel(): Promise<PanelResult> {
  const executablePath = findChromium()
  if (!executablePath)
    throw new Complaint('There is no Chromium. Set CHROMIUM_PATH, or leave the panel out with --only.')
  const html = await bundlePanelPage()
  const browser = await chromium.launch({ args: [...chromiumFlags, '--enable-precise-memory-info'], executablePath })
  try {
    const told: Awaited<ReturnType<typeof playRound>>[] = []
    for (let round = 1; round <= rounds; round += 1) told.push(await playRound(browser, html))
    return {
      browser: `Chromium ${browser.version()}`,
      rows: panelMotions.map((motion) => {
        const of = (figure: 'median' | 'p95' | 'longest') => spread(told.map((each) => each[motion][figure]))
        const by = (figure: 'median' | 'p95') => told.map((each) => each[motion][figure] / each.idle[figure])
        return {
          motion,
          median: of('median'),
          p95: of('p95'),
          longest: of('longest'),
          medianRatio: spread(by('median')),
          p95Ratio: spread(by('p95')),
        }
      }),
      opening: spread(told.map(({ opening }) => opening)),
      heap: spread(told.map(({ heap }) => heap)),
    }
  } finally {
    await browser.close()
  }
}

async function playRound(browser: Browser, html: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  try {
    const page = await context.newPage()
    await page.route('http://panel.test/', (route) => route.fulfill({ contentType: 'text/html', body: html }))
    await page.goto('http://panel.test/')
    const session = await context.newCDPSession(page)
    const idle = await watch(page, 'idle')
    await page.evaluate((spans) => theBench().record(spans), panelSpans)
    const before = await heapOf(session)
    const opening = await page.evaluate(() => theBench().open())
    const held = await heapOf(session)
    const motions = {} as Record<(typeof panelMotions)[number], Awaited<ReturnType<typeof watch>>>
    for (const motion of panelMotions) motions[motion] = await watch(page, motion)
    return { idle, opening, heap: (held - before) / panelSpans, ...motions }
  } finally {
    await context.close()
  }
}

async function watch(page: Page, motion: Motion): Promise<{ median: number; p95: number; longest: number }> {
  const times = await page.evaluate(([what, length]) => theBench().frames(what, length), [
    motion,
    motionLength,
  ] as const)
  return {
    median: median(times),
    p95: times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN,
    longest: Math.max(...times),
  }
}

/** Runs in the page, where its script has put it. */
declare function theBench(): PanelBench

/** Bytes. What typed arrays hold is beside the heap. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage')
  return usedSize + backingStorageSize
}
