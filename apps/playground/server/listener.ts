import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { Complaint } from './complaint.ts'

/** A port as asked for: `exactly` this one (0 is any that is free), or the first free one `from` here. */
export type PortWish = { readonly exactly: number } | { readonly from: number }

const tries = 50

/** An HTTP server on one address that can be closed, with all its connections, and opened again on the same port. */
export class Listener {
  readonly server: Server
  readonly host: string
  #port = 0

  constructor(host: string) {
    this.host = host
    this.server = createServer()
  }

  get port(): number {
    return this.#port
  }

  /**
   * @param setting the name of the variable that chose the port, for the message
   * @throws {Complaint} when the port cannot be had
   */
  async open(wish: PortWish, setting: string): Promise<void> {
    if ('exactly' in wish) {
      if (!(await this.#listen(wish.exactly))) {
        throw new Complaint(
          `Port ${wish.exactly} is in use by another program. ` +
            `Stop that program, or choose another port with ${setting}, or leave ${setting} out to get a free one.`,
        )
      }
      return
    }
    for (let port = wish.from; port < wish.from + tries; port++) {
      if (await this.#listen(port)) return
    }
    throw new Complaint(
      `The ports ${wish.from} to ${wish.from + tries - 1} are all in use. Choose a free one with ${setting}.`,
    )
  }

  /** Opens again, on the port it had. @throws {Complaint} when somebody else took it meanwhile */
  async reopen(): Promise<void> {
    if (this.server.listening) return
    if (!(await this.#listen(this.#port))) {
      throw new Complaint(`Port ${this.#port} was taken by another program while it was closed. Stop that program.`)
    }
  }

  /** Closes for good or until `reopen`: new connections are refused, open ones are cut. */
  async close(): Promise<void> {
    if (!this.server.listening) return
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }

  /** @returns false when the port is in use */
  async #listen(port: number): Promise<boolean> {
    if (port !== 0 && (await isAnsweredOnIpv6(port))) return false
    const { server } = this
    const opened = await new Promise<boolean>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        server.off('listening', succeed)
        if (error.code === 'EADDRINUSE') resolve(false)
        else reject(explain(error, this.host, port))
      }
      const succeed = () => {
        server.off('error', fail)
        resolve(true)
      }
      server.once('error', fail).once('listening', succeed).listen(port, this.host)
    })
    if (opened) this.#port = (server.address() as AddressInfo).port
    return opened
  }
}

/** `localhost` names ::1 first, so a program that listens only there would get the browser's requests. */
function isAnsweredOnIpv6(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: '::1', port })
    const settle = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EACCES') {
    return new Complaint(`This user may not open port ${port}. Choose a port above 1023 with PORT.`)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new Complaint(`HOST is ${host}, which is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.`)
  }
  return error
}
