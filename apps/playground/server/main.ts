import { Complaint } from './complaint.ts'
import { readOptions } from './options.ts'
import { startPlayground } from './playground.ts'

try {
  const playground = await startPlayground(readOptions(process.env))
  const stop = () => void playground.stop().then(() => process.exit(0))
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  // The script that started this process is gone without having said a word.
  process.once('disconnect', stop)
  announce(playground.url)
} catch (error) {
  console.error(error instanceof Complaint ? `\n${error.message}\n` : error)
  process.exit(1)
}

function announce(url: string) {
  console.log(`
  The Authflight playground is running. Open

      ${url}

  and sign in as Alice: user alice, password wonderland.
  Ctrl-C stops everything.
`)
  const { protocol, hostname } = new URL(url)
  if (protocol === 'http:' && hostname !== 'localhost') {
    console.log(`  Over plain http, browsers keep back the cryptography that signing in needs, except at localhost:
  reach it as http://localhost through a tunnel, or put TLS in front and name it with PUBLIC_URL and PUBLIC_AUTH_URL.
`)
  }
}
