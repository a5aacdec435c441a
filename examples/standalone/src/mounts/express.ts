import { expressHandler } from "@hawser/express"
import framework from "express"
import { listen } from "./listen.ts"
import type { Mount } from "./Mount.ts"

export const express: Mount = (handler, { basePath, port }) => {
  const app = framework()
  app.disable("x-powered-by")
  app.use(`${basePath}/v1/integrations`, expressHandler(handler))
  return listen(app, port)
}
