import { Session } from '../../session.jsx'

export default function Page() {
  return (
    <main>
      <h1>Packed into a Next.js app</h1>
      <Session />
    </main>
  )
}
