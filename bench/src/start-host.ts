import { expressHandler } from "@hawser/express"
import express from "express"
import type { AddressInfo } from "node:net"
import { makeHawser } from "./hawser.ts"
import type { Settings } from "./settings.ts"

// A host as the README shows it, and nothing besides: what it loads is what a host has to load.
const settings = JSON.parse(process.argv[2] ?? "") as Settings
const hawser = await makeHawser(settings)
const app = express().use("/v1/integrations", expressHandler(hawser.handler))
const server = app.listen(0, "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port })
)
process.on("message", () => {
  const { system, user } = process.cpuUsage()
  process.send?.({ rss: process.memoryUsage().rss, cpu: (user + system) / 1_000 })
})
process.on("disconnect", () => process.exit())
