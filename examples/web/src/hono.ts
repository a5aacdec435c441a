import { getConnInfo } from "@hono/node-server/conninfo"
import { Hono } from "hono"
import { cloneRawRequest } from "hono/request"
import { validator } from "hono/validator"
import { hawser } from "./hawser.ts"

export const app = new Hono()

// A middleware of the host's that reads every JSON body before the handler does.
app.use(validator("json", (body: unknown) => body))

app.all("/v1/integrations/*", async (c) => {
  // Behind a proxy of the host's, take the address that the proxy says instead.
  const clientAddress = getConnInfo(c).remote.address
  return hawser.handler(await cloneRawRequest(c.req), { native: c, clientAddress })
})

app.get("/", (c) => c.text("The host's own page"))
