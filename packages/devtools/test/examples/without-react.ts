// devtools.ts
import { AuthDevtools } from '@authflight/devtools/react'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

// It puts itself at the end of the page.
createRoot(document.createElement('div')).render(createElement(AuthDevtools))
