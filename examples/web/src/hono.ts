import { getConnInfo } from "@hono/node-server/conninfo"
import { Hono } from "hono"
import { hawser } from "./hawser.ts"

export const app = new Hono()

app.all("/v1/integrations/*", (c) => {
  // Behind a proxy of the host's, take the address that the proxy says instead.
  const clientAddress = getConnInfo(c).remote.address
  return hawser.handler(c.req.raw, {
    native: c,
    ...(clientAddress !== undefined && { clientAddress })
  })
})

app.get("/", (c) => c.text("The host's own page"))
