import { isHawserError, createHawser, type Hawser } from "hawser"
import type { AddressInfo } from "node:net"
import { express } from "./mounts/express.ts"
import { fastify } from "./mounts/fastify.ts"
import { node } from "./mounts/node.ts"
import { Problem } from "./problem.ts"
import { readSettings, type Settings } from "./settings.ts"
import { stop } from "./stop.ts"

const mounts = { express, fastify, node }

const start = async (): Promise<void> => {
  const settings = readSettings(process.env)
  const hawser = await createHawser(settings.options)
  await serve(hawser, settings).catch(async (error: unknown) => {
    await hawser.close()
    throw error
  })
}

const serve = async (hawser: Hawser, { adapter, options, ...where }: Settings): Promise<void> => {
  const listening = await mounts[adapter](hawser.handler, where)
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stop(listening, hawser).catch(fail))
  }
  const { port } = listening.server.address() as AddressInfo
  console.log(`Hawser listens on port ${port} (${adapter}) for ${options.publicUrl}`)
}

const fail = (error: unknown): void => {
  const isPlain = error instanceof Problem || isHawserError(error, "configuration_error")
  console.error(isPlain ? error.message : error)
  process.exitCode = 1
}

await start().catch(fail)
