import { hawser } from "../../../../../hawser.ts"

// Next.js calls a route handler with the request and the path's parameters; the handler wants the request alone.
const handle = (request: Request): Promise<Response> => hawser.handler(request)

export { handle as DELETE, handle as GET, handle as HEAD, handle as POST, handle as PUT }

/** PostgreSQL and the guarded way out need Node; the edge runtime has neither. */
export const runtime = "nodejs"

/** Nothing here is the same for two callers. */
export const dynamic = "force-dynamic"
