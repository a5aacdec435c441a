import { fragmentParameter } from "./pages.ts"
import { type Parameters, withoutDuplicates } from "./Received.ts"
import type { Visit } from "./Simulation.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/**
 * The parameters from the part of the URL in which the vendor reads them. `unread`: they are in the fragment, which no
 * browser sends.
 */
export const authorizationParameters = ({
  received: { url },
  vendor: { facts }
}: Visit<OAuth2Vendor>): Parameters | "unread" => {
  const { parametersIn = "query", space } = facts.authorize
  const query = url.search.slice(1)
  if (parametersIn === "query") return parse(query, space)
  const handedOn = url.searchParams.get(fragmentParameter)
  if (handedOn !== null) return parse(handedOn, space)
  if (query !== "")
    return { values: new Map(), problems: ["the parameters are in the query, not in the fragment"] }
  return url.hash === "" ? "unread" : parse(url.hash.slice(1), space)
}

const parse = (text: string, space: "%20" | undefined): Parameters => {
  const decode = (part: string) =>
    decodeURIComponent(space === "%20" ? part : part.replaceAll("+", " "))
  try {
    const { problems, values } = withoutDuplicates(
      text
        .split("&")
        .filter((pair) => pair !== "")
        .map((pair) => {
          const [name = "", ...value] = pair.split("=")
          return [decode(name), decode(value.join("="))] as const
        })
    )
    return {
      values,
      problems:
        space === "%20" && text.includes("+")
          ? [...problems, "a space is written as +, and the vendor reads it as a plus sign"]
          : problems
    }
  } catch {
    return { values: new Map(), problems: ["the query is not well-formed"] }
  }
}
