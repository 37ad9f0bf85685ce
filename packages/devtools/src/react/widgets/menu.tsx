import { Ellipsis } from 'lucide'
import { Suspense, useEffect, useId, useRef, useState } from 'react'
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
    const load = ({ newState }: ToggleEvent) => newState === 'open' && setWasOpen(true)
    menu.addEventListener('beforetoggle', load)
    return () => menu.removeEventListener('beforetoggle', load)
  }, [id])
  const place = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    const { style, offsetWidth, offsetHeight } = list.current!
    style.left = `${Math.max(4, right - offsetWidth)}px`
    style.top = `${Math.max(4, Math.min(bottom + 2, innerHeight - offsetHeight - 4))}px`
  }
  return (
    <>
      <button ref={button} type="button" className="af-icon" aria-label="More" title="More">
        <Icon of={Ellipsis} />
      </button>
      <div ref={list} id={id} className="af-menu" popover="auto" role="group" aria-label="More">
        {wasOpen && (
          <Suspense fallback={null}>
            <MenuList list={list} {...acts} onShown={place} />
          </Suspense>
        )}
      </div>
    </>
  )
}
