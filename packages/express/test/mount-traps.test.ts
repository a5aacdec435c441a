import express from "express"
import express4 from "express4"
import type { Server } from "node:http"
import { mountTraps } from "../../../test-support/mount-traps.ts"
import type { Framework } from "../../../test-support/mount-traps-host.ts"
import { expressHandler } from "../src/index.ts"

/** A host, the same on both versions: what it uses of Express has not changed. */
const hostOn = (version: typeof express): Framework => ({
  parsers: {
    json: version.json(),
    form: version.urlencoded({ extended: true }),
    raw: version.raw({ type: () => true }),
    text: version.text({ type: () => true })
  },
  start: async ({ middleware, mounts, overtake, trustsProxy }) => {
    const app = version()
    if (trustsProxy === true) app.set("trust proxy", "loopback")
    app.use((request, response, next) => {
      Object.assign(request, { session: "of the host" })
      response.setHeader("x-host", "kept")
      response.append("set-cookie", "host_app=1")
      overtake?.(() => void response.status(503).send("the host's own"))
      next()
    })
    if (middleware !== undefined) app.use(middleware)
    for (const { at, handler } of mounts) {
      if (at === "") app.use(expressHandler(handler))
      else app.use(at, expressHandler(handler))
    }
    app.get("/own", (_request, response) => void response.send("own"))
    const server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, "127.0.0.1", () => resolve(listening))
    })
    return {
      server,
      close: () => new Promise((resolve) => void server.close(() => resolve()))
    }
  }
})

mountTraps("Express 5", hostOn(express))
mountTraps("Express 4", hostOn(express4 as unknown as typeof express))
