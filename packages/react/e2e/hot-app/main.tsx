import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

// Only one of them is loaded: the other would make a client of its own.
const { App } = await (new URLSearchParams(location.search).has('made') ? import('./made.tsx') : import('./lent.tsx'))
const root = document.querySelector('#root')
if (!root) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
