import type { LookupAddress } from "node:dns"
import { connect, type Socket } from "node:net"

/** Milliseconds until the next address is tried beside one that has not answered yet (RFC 8305 §5). */
const attemptDelayMs = 250

const ignore = () => undefined

/** The socket once this event has come; destroyed, and rejected, if the signal is aborted before. */
export const ready = <S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal
): Promise<S> =>
  new Promise((resolve, reject) => {
    let problem: unknown
    const abort = () => socket.destroy()
    // Stays: until a request has taken the socket, nobody else hears of its error, which would end the process.
    socket.on("error", ignore)
    socket.once("error", (error) => {
      problem = error
    })
    const leave = () => {
      signal.removeEventListener("abort", abort)
      socket.off("close", failed).off(event, succeeded)
    }
    const failed = () => {
      leave()
      reject(problem ?? signal.reason ?? new Error("closed"))
    }
    const succeeded = () => {
      leave()
      resolve(socket)
    }
    socket.once(event, succeeded).once("close", failed)
    signal.addEventListener("abort", abort, { once: true })
    if (signal.aborted) abort()
  })

/** IPv4 and IPv6 in turns, in the order of the answer otherwise: one family that leads nowhere delays little. */
const inTurns = (addresses: ReadonlyArray<LookupAddress>): ReadonlyArray<LookupAddress> => {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family)
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family)
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => i).flatMap((i) =>
    [first[i], second[i]].filter((address) => address !== undefined)
  )
}

/**
 * The first of these addresses that can be reached. None is given up because another is slow, and none because this process
 * was: an attempt that has begun ends with its success, its failure, or the signal. (Node's own selection of a family ends
 * each after 250 ms, a few of which a busy event loop uses up by itself.)
 */
export const firstReached = (
  addresses: ReadonlyArray<LookupAddress>,
  reach: (address: string, signal: AbortSignal) => Promise<Socket>,
  signal: AbortSignal
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const others = new AbortController()
    const either = AbortSignal.any([signal, others.signal])
    const left = [...inTurns(addresses)]
    let underWay = 0
    let isOver = false
    let timer: NodeJS.Timeout | undefined

    const begin = () => {
      clearTimeout(timer)
      const next = left.shift()
      if (next === undefined || signal.aborted) return
      underWay += 1
      if (left.length > 0) timer = setTimeout(begin, attemptDelayMs)
      reach(next.address, either).then(succeeded, failed)
    }
    const succeeded = (socket: Socket) => {
      if (isOver) return socket.destroy()
      isOver = true
      clearTimeout(timer)
      others.abort()
      return resolve(socket)
    }
    const failed = (error: unknown) => {
      underWay -= 1
      if (isOver) return
      begin()
      if (underWay > 0) return
      isOver = true
      reject(error)
    }
    begin()
  })

/** A TCP connection to an address, which is not a name. */
export const dial = (address: string, port: number, signal: AbortSignal): Promise<Socket> =>
  ready(connect({ host: address, port, noDelay: true }), "connect", signal)
