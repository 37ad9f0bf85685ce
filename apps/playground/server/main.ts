import { Complaint } from './complaint.ts'
import { readFlags, readOptions } from './options.ts'
import { startReceiver } from './otlp-receiver/receiver.ts'
import { startPlayground } from './playground.ts'

try {
  const options = readOptions(process.env)
  const receiver = readFlags(process.argv.slice(2)).traces ? await startReceiver() : undefined
  const playground = await startPlayground({ ...options, ...(receiver && traced(receiver.url)) })
  const stop = () => void Promise.all([playground.stop(), receiver?.stop()]).then(() => process.exit(0))
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  // The script that started this process is gone without having said a word.
  process.once('disconnect', stop)
  announce(playground.url, receiver?.url)
} catch (error) {
  console.error(error instanceof Complaint ? `\n${error.message}\n` : error)
  process.exit(1)
}

/** A view is no use without its receiver: it wins over a collector of the environment, whose headers are not for it. */
function traced(url: string) {
  return { collector: new URL(url), collectorHeaders: {}, traceView: url }
}

function announce(url: string, traceView?: string) {
  console.log(`
  The Authflight playground is running. Open

      ${url}

  and sign in as Alice: user alice, password wonderland.${traceView === undefined ? '' : `\n  Traces are at ${traceView}; each record in the panel leads to its own.`}
  Ctrl-C stops everything.
`)
  const { protocol, hostname } = new URL(url)
  if (protocol === 'http:' && hostname !== 'localhost') {
    console.log(`  Over plain http, browsers keep back the cryptography that signing in needs, except at localhost:
  reach it as http://localhost through a tunnel, or put TLS in front and name it with PUBLIC_URL and PUBLIC_AUTH_URL.
`)
  }
}
