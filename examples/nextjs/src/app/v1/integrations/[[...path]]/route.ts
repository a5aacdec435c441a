import { hawser } from "../../../../lib/hawser.ts"

const handle = async (request: Request): Promise<Response> => {
  const { handler } = await hawser()
  return handler(request)
}

export { handle as DELETE, handle as GET, handle as HEAD, handle as POST, handle as PUT }
