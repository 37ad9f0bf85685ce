import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Complaint } from '../server/complaint.ts'
import { Listener } from '../server/listener.ts'

const host = '127.0.0.1'
const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close()
})

test('a port in use is named, with the variable that chooses another', async () => {
  const { port } = await occupy(host)

  const opening = listener().open({ exactly: port }, 'AUTH_PORT')

  await expect(opening).rejects.toThrow(Complaint)
  await expect(opening).rejects.toThrow(new RegExp(`Port ${port} is in use by another program.*AUTH_PORT`))
})

test('without a wish the next free port is taken', async () => {
  const { port } = await occupy(host)
  const free = listener()

  await free.open({ from: port }, 'PORT')

  expect(free.port).toBeGreaterThan(port)
})

test('a port where another program answers on ::1 counts as in use, because localhost would lead there', async (context) => {
  const occupied = await occupy('::1').catch(() => undefined)
  if (!occupied) return context.skip('this machine has no IPv6')
  await expect(listener().open({ exactly: occupied.port }, 'PORT')).rejects.toThrow('in use')
})

test('a host that is no address of this machine is named', async () => {
  const opening = listener('192.0.2.1').open({ exactly: 0 }, 'PORT')
  await expect(opening).rejects.toThrow('HOST is 192.0.2.1, which is no address of this machine.')
})

describe('closed and opened again', () => {
  test('it refuses connections, then has the same port', async () => {
    const server = listener()
    server.server.on('request', (_request, response) => response.end('here'))
    await server.open({ exactly: 0 }, 'PORT')
    const { port } = server
    const address = `http://${host}:${port}`
    await fetch(address)

    await server.close()
    await server.close()
    await expect(fetch(address)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })

    await server.reopen()
    await server.reopen()
    expect(server.port).toBe(port)
    expect(await (await fetch(address)).text()).toBe('here')
  })

  test('it says so when somebody else has taken the port', async () => {
    const server = listener()
    await server.open({ exactly: 0 }, 'PORT')
    await server.close()
    await occupy(host, server.port)

    await expect(server.reopen()).rejects.toThrow(`Port ${server.port} was taken by another program`)
  })
})

function listener(at = host): Listener {
  const made = new Listener(at)
  opened.push(made)
  return made
}

async function occupy(at: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, at, resolve))
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) })
  return { server, port: (server.address() as AddressInfo).port }
}
