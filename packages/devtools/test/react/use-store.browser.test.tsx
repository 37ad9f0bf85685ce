import { createRoot } from 'react-dom/client'
import { expect, it } from 'vitest'
import { useStore } from '../../src/react/hooks/use-store.ts'

it('what takes long to render is rendered less often while a store changes all the time', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
  let version = 0
  const listeners = new Set<() => void>()
  const store = {
    getVersion: () => version,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  let renders = 0
  const work = () => {
    renders++
    const until = performance.now() + 30
    while (performance.now() < until);
  }
  function Slow() {
    useStore(store, 10)
    work()
    return null
  }
  const root = createRoot(document.createElement('div'))
  root.render(<Slow />)
  const ticks = setInterval(() => {
    version++
    for (const listener of listeners) listener()
  }, 5)
  await new Promise((done) => setTimeout(done, 1_500))
  clearInterval(ticks)
  root.unmount()
  expect(renders).toBeGreaterThan(1)
  expect(renders).toBeLessThan(9)
})
