import { Ellipsis } from 'lucide'
import { type KeyboardEvent, Suspense, useEffect, useId, useRef, useState } from 'react'
import type { Opened } from '../auth-devtools-panel.tsx'
import { late } from '../load-late.ts'
import { Icon } from './icon.tsx'

interface MenuProps {
  readonly onOpen: (opened: Opened) => void
  readonly onKeys: () => void
}

const MenuList = late((all) => all.MenuList)

/** What is wanted now and then, in a popover of the platform's own. It is loaded when it is opened first. */
export function Menu(acts: MenuProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const [wasOpen, setWasOpen] = useState(false)
  useEffect(() => {
    // React 18 knows neither this attribute nor this event.
    button.current!.setAttribute('popovertarget', id)
    const menu = list.current!
    const onToggle = ({ newState }: ToggleEvent) => {
      if (newState === 'open') setWasOpen(true)
      // Chromium gives the keyboard back to nobody where the menu is in a shadow root.
      else if (menu.matches(':focus-within')) button.current!.focus()
    }
    menu.addEventListener('beforetoggle', onToggle)
    return () => menu.removeEventListener('beforetoggle', onToggle)
  }, [id])
  const place = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    const { style, offsetWidth, offsetHeight } = list.current!
    style.left = `${Math.max(4, right - offsetWidth)}px`
    style.top = `${Math.max(4, Math.min(bottom + 2, innerHeight - offsetHeight - 4))}px`
  }
  // The keyboard is on the button until it goes into the menu.
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...list.current!.querySelectorAll('button')]
    const at = items.indexOf(event.target as HTMLButtonElement)
    const next = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1, Home: 0, End: -1 }[event.key]
    if (next === undefined || !list.current!.matches(':popover-open')) return
    event.preventDefault()
    items.at(next % items.length)?.focus()
  }
  return (
    <>
      <button ref={button} type="button" className="af-icon" aria-label="More" title="More" onKeyDown={onKeyDown}>
        <Icon of={Ellipsis} />
      </button>
      <div ref={list} id={id} className="af-menu" popover="auto" role="group" aria-label="More" onKeyDown={onKeyDown}>
        {wasOpen && (
          <Suspense fallback={null}>
            <MenuList list={list} {...acts} onShown={place} />
          </Suspense>
        )}
      </div>
    </>
  )
}
