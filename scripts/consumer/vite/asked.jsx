import { AuthDevtools } from '@authflight/devtools/production'
import { createRoot } from 'react-dom/client'

// An app that asks for the panel in production: what a check of its absence has to find here.
const root = /** @type {HTMLElement} */ (document.querySelector('#root'))
createRoot(root).render(<AuthDevtools />)
