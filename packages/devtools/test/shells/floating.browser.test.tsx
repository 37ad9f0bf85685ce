import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, it, onTestFinished, vi } from 'vitest'
import { AuthDevtools } from '../../src/shells/auth-devtools.tsx'

// As without a network, or after a deployment that took the file away.
vi.mock('../../src/react/auth-devtools-panel.tsx', () => {
  throw new Error('The file is not to be had.')
})

it('says so where the panel cannot be loaded, and can be closed again', async () => {
  const box = document.createElement('div')
  document.body.append(box)
  const root = createRoot(box)
  onTestFinished(() => {
    root.unmount()
    localStorage.clear()
    box.remove()
  })
  root.render(createElement(AuthDevtools))
  const shadow = () => document.querySelector('[data-authflight=devtools]')?.shadowRoot
  const press = async (name: string) => {
    await expect.poll(() => shadow()?.querySelector(`[aria-label="${name}"]`)).not.toBeFalsy()
    shadow()!.querySelector<HTMLElement>(`[aria-label="${name}"]`)!.click()
  }
  await press('Open the auth devtools')
  await expect.poll(() => shadow()?.querySelector('.af-dock')?.textContent).toContain('could not be loaded')
  await press('Close the auth devtools')
  await expect.poll(() => shadow()?.querySelector('.af-dock')).toBeNull()
})
