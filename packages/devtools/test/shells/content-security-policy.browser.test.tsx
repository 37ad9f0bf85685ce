import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AuthDevtools } from '../../src/react/index.ts'
import { click, nextFrame, until } from '../react/mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  localStorage.clear()
})

const refused: string[] = []

// A policy is there until the page goes: it is that of this file, whose page is its own.
beforeAll(() => {
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => refused.push(effectiveDirective))
  const policy = document.createElement('meta')
  policy.httpEquiv = 'Content-Security-Policy'
  policy.content = "style-src 'nonce-r4nd0m'"
  document.head.append(policy)
})

/** The floating panel, opened. */
async function open(nonce?: string): Promise<ShadowRoot> {
  const box = document.createElement('div')
  document.body.append(box)
  const root = createRoot(box)
  await act(async () => root.render(createElement(AuthDevtools, { initiallyOpen: true, ...(nonce && { nonce }) })))
  undo.push(async () => {
    await act(async () => root.unmount())
    box.remove()
    refused.splice(0)
  })
  const shadow = document.querySelector('[data-authflight=devtools]')!.shadowRoot!
  await until(() => shadow.querySelector('[role=application]') !== null)
  await click([...shadow.querySelectorAll<HTMLElement>('[role=tab]')].find(({ textContent }) => textContent === 'Why?'))
  await until(() => shadow.querySelector('.af-why') !== null)
  await nextFrame()
  return shadow
}

/** Of the shell, of the panel, and of what comes late. */
const looks = (shadow: ShadowRoot) =>
  ['.af-dock', '.af-toolbar', '.af-why'].map((part) => {
    const { position, display, overflow } = getComputedStyle(shadow.querySelector(part)!)
    return [position, display, overflow]
  })
const whole = [
  ['fixed', 'block', 'visible'],
  ['static', 'flex', 'visible'],
  ['static', 'block', 'auto'],
]

describe('where a policy lets no style in without a nonce', () => {
  it('the panel needs none', async () => {
    expect(looks(await open())).toEqual(whole)
    expect(refused).toEqual([])
  })

  describe('and the browser adopts no style sheets', () => {
    function takeAdoption() {
      const held = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'adoptedStyleSheets')!
      Reflect.deleteProperty(ShadowRoot.prototype, 'adoptedStyleSheets')
      undo.push(() => Object.defineProperty(ShadowRoot.prototype, 'adoptedStyleSheets', held))
    }

    it('every style has the nonce that the app gave', async () => {
      takeAdoption()
      const shadow = await open('r4nd0m')
      expect([...shadow.querySelectorAll('style')].map(({ nonce }) => nonce)).toEqual(['r4nd0m', 'r4nd0m', 'r4nd0m'])
      expect(looks(shadow)).toEqual(whole)
      expect(refused).toEqual([])
    })

    it('the policy refuses those that have another one', async () => {
      takeAdoption()
      expect(looks(await open('other'))).not.toEqual(whole)
      expect(new Set(refused)).toEqual(new Set(['style-src-elem']))
    })
  })
})
