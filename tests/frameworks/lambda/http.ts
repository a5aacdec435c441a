import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { hawser } from "./hawser.ts"

/** For an HTTP API of API Gateway, or a function URL. */
export const handler = async (
  event: APIGatewayProxyEventV2
): Promise<APIGatewayProxyStructuredResultV2> => {
  const { method, sourceIp } = event.requestContext.http
  const headers = new Headers()
  for (const [name, value = ""] of Object.entries(event.headers)) headers.append(name, value)
  // API Gateway takes the cookies out of the headers.
  if (event.cookies !== undefined) headers.set("cookie", event.cookies.join("; "))
  // The host of the URL decides nothing: `publicUrl` does.
  const url = `https://lambda.invalid${event.rawPath}?${event.rawQueryString}`
  const { handler } = await hawser()
  const response = await handler(
    new Request(url, {
      method,
      headers,
      ...(event.body !== undefined && {
        body: event.isBase64Encoded ? Buffer.from(event.body, "base64") : event.body
      })
    }),
    { clientAddress: sourceIp, native: event }
  )
  const cookies = response.headers.getSetCookie()
  response.headers.delete("set-cookie")
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    cookies,
    body: await response.text()
  }
}
