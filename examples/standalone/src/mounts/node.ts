import { nodeHandler } from "hawser"
import { listen } from "./listen.ts"
import type { Mount } from "./Mount.ts"

export const node: Mount = (handler, { port }) => listen(nodeHandler(handler), port)
