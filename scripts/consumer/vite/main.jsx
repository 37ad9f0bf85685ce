import { AuthDevtools } from '@authflight/devtools/react'
import { createRoot } from 'react-dom/client'
import { Session } from '../session.jsx'

// For the check, which asks for the journey in a worker and brings the way back.
Object.assign(globalThis, {
  travelInWorker: () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.onmessage = async ({ data: { url, heard } }) => {
        if (heard) return resolve(heard)
        worker.postMessage(await /** @type {any} */ (globalThis).authorize(url))
      }
    }),
})

const root = /** @type {HTMLElement} */ (document.querySelector('#root'))
createRoot(root).render(
  <>
    <Session />
    <AuthDevtools />
  </>,
)
