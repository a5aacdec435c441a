import { promises } from "node:dns"
import { Socket } from "node:net"

/**
 * Loaded into a host's process before its own code: some names lead to this machine's vendors. The host resolves them, checks the
 * address and verifies the certificate as in production.
 */
const { hosts, port } = JSON.parse(process.env["STRANGERS_VENDORS"] ?? "{}") as {
  readonly hosts: ReadonlyArray<string>
  readonly port: number
}

/** Public, or the host would refuse it. Nothing is sent there. */
const publicAddress = "140.82.112.3"

const unknown = (hostname: string) => new Error(`${hostname} is not on this machine.`)
Object.assign(promises.Resolver.prototype, {
  resolve4: async (hostname: string) => {
    if (!hosts.includes(hostname)) throw unknown(hostname)
    return [publicAddress]
  },
  resolve6: (hostname: string) => Promise.reject(unknown(hostname))
})

const connect = Reflect.get(Socket.prototype, "connect") as (
  ...given: ReadonlyArray<unknown>
) => unknown
Object.assign(Socket.prototype, {
  connect(this: Socket, ...given: ReadonlyArray<unknown>) {
    // `net.connect` hands its own list of options and callback over as one.
    const [first] = given.flat() as [{ host?: string; port?: number }]
    if (first.host === publicAddress) Object.assign(first, { host: "127.0.0.1", port })
    return connect.apply(this, [...given])
  }
})
