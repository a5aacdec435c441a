import type { ProviderFacts } from "../facts/index.ts"
import { isGood, type Token } from "./Ledger.ts"
import { basicOf, type Received } from "./Received.ts"
import { type Matcher, matcherOf } from "./templates.ts"
import type { Simulation } from "./Simulation.ts"
import { isOAuth2, type Vendor } from "./Vendor.ts"

/** What a request proves itself with. */
export type Credential =
  | { readonly _tag: "Live"; readonly token: Token | undefined }
  /** In the right place and form, and not known or over. */
  | { readonly _tag: "Dead" }
  | { readonly _tag: "Malformed"; readonly problems: ReadonlyArray<string> }

/** One place in which a part of the credential stands. */
interface Place {
  readonly name: string
  readonly template: string
  readonly read: (received: Received) => string | null | undefined
  readonly match: Matcher
}

const placesOf = ({ credential }: ProviderFacts): ReadonlyArray<Place> => {
  const { basic, headers = {}, query = {} } = credential
  const place = (name: string, template: string, read: Place["read"]): Place => ({
    name,
    template,
    read,
    match: matcherOf(template, {}, ".*")
  })
  return [
    ...Object.entries(headers).map(([name, template]) =>
      place(`the header ${name}`, template, (received) => received.headers.get(name))
    ),
    ...Object.entries(query).map(([name, template]) =>
      place(`the parameter ${name}`, template, ({ url }) =>
        url.searchParams.getAll(name).length === 1 ? url.searchParams.get(name) : undefined
      )
    ),
    ...(basic === undefined
      ? []
      : (["username", "password"] as const).map((part) =>
          place(
            `the ${part} of Authorization: Basic`,
            basic[part],
            (received) => basicOf(received.headers)?.[part]
          )
        ))
  ]
}

/** The names of the URL's parameters that belong to the credential. */
export const credentialParameters = ({ credential }: ProviderFacts): ReadonlySet<string> =>
  new Set(Object.keys(credential.query ?? {}))

/** Reads credentials exactly from where the facts say that they are. */
export const credentialReader = (vendor: Vendor) => {
  const places = placesOf(vendor.facts)
  return (simulation: Simulation, received: Received): Credential => {
    const problems: Array<string> = []
    const found: Array<readonly [name: string, value: string]> = []
    for (const { match, name, read, template } of places) {
      const given = read(received)
      const values = typeof given === "string" ? match(given) : undefined
      if (values !== undefined) found.push(...Object.entries(values))
      // What was sent there may be a secret, so that it is not told.
      else
        problems.push(
          `${name} is ${given === null || given === undefined ? "missing" : "not"} ${template}`
        )
    }
    if (problems.length > 0) return { _tag: "Malformed", problems }
    const token = simulation.ledger.token(
      vendor.id,
      found.find(([name]) => name === "access_token")?.[1]
    )
    return found.every(([name, value]) =>
      name === "access_token"
        ? token?.kind === "access" && isGood(token, simulation.now())
        : value === String(vendor.values[name] ?? "")
    ) &&
      (isOAuth2(vendor) || vendor.key.isLive)
      ? { _tag: "Live", token }
      : { _tag: "Dead" }
  }
}
