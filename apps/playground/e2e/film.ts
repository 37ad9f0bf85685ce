import { writeFile } from 'node:fs/promises'
import { encode } from 'modern-gif'
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

/** Milliseconds. */
const between = 120
/** How long the last picture stays before it begins anew, milliseconds. */
const rest = 4_000

interface Frame {
  readonly png: Buffer
  readonly at: number
}

/** Films a page until it is stopped: a picture whenever something has changed. */
export function film(page: Page) {
  const frames: Frame[] = []
  let isRunning = true
  const running = (async () => {
    while (isRunning) {
      const png = await page.screenshot()
      if (!frames.at(-1)?.png.equals(png)) frames.push({ png, at: performance.now() })
      await page.waitForTimeout(between)
    }
  })()

  /** Writes what was filmed as a GIF that plays in a loop. */
  async function stop(path: string): Promise<void> {
    isRunning = false
    await running
    const pictures = frames.map(({ png, at }, nth) => {
      const { width, height, data } = PNG.sync.read(png)
      return { width, height, data: new Uint8ClampedArray(data), delay: (frames[nth + 1]?.at ?? at + rest) - at }
    })
    const [first] = pictures
    if (!first) throw new Error('Nothing was filmed.')
    const { width, height } = first
    await writeFile(
      path,
      new Uint8Array(await encode({ width, height, frames: pictures, maxColors: 96, looped: true })),
    )
  }
  return { stop }
}
