import { makeSimulator, type Simulator, type SimulatorOptions } from "@hawser/testing/simulator"
import { createHash } from "node:crypto"
import { forgeFacts } from "./facts.ts"

export const redirectUri = "https://app.example/callback?kept=1"
export const client = { clientId: "the-client", clientSecret: "a_secret-100.of*it" }
export const verifier = "a-verifier-of-the-right-length-and-no-less-than-43-characters"
const challenge = createHash("sha256").update(verifier).digest("base64url")

/** Form fields, or changes of them: undefined leaves one out, a list gives it several times. */
export type Fields = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

export const form = (fields: Fields): URLSearchParams =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one])
    )
  )

const encoded = (value: string): string => new URLSearchParams({ value }).toString().slice(6)

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`

/** RFC 6749 §2.3.1. */
const clientBasic = basic(encoded(client.clientId), encoded(client.clientSecret))

/** A simulator of the vendor `forge`, at which the client above is registered. */
export const simulateForge = (
  changes: Parameters<typeof forgeFacts>[0] = {},
  options?: SimulatorOptions
): Simulator => {
  const simulator = makeSimulator([forgeFacts(changes)], options)
  simulator.register("forge", { ...client, redirectUris: [redirectUri] })
  return simulator
}

/** An authorization request that `forge` takes, with changes. */
export const authorizationUrl = (changes: Fields = {}): string =>
  `https://acme.forge.example/authorize?${form({
    client_id: client.clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "read write",
    state: "the state",
    audience: "api.acme",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes
  })}`

/** What a request changes of one that `forge` takes. */
export interface RequestChanges {
  readonly fields?: Fields
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly url?: string
  readonly method?: string
  /** In place of the form. */
  readonly body?: string
}

const post = (
  url: string,
  fields: Fields,
  headers: Readonly<Record<string, string>>,
  changes: RequestChanges
): Request => {
  const all = new Headers({ "content-type": "application/x-www-form-urlencoded", ...headers })
  for (const [name, value] of Object.entries(changes.headers ?? {})) {
    if (value === undefined) all.delete(name)
    else all.set(name, value)
  }
  const method = changes.method ?? "POST"
  return new Request(changes.url ?? url, {
    method,
    headers: all,
    ...(method !== "GET" && {
      body: changes.body ?? form({ ...fields, ...changes.fields }).toString()
    })
  })
}

export const tokenRequest = (code: string, changes: RequestChanges = {}): Request =>
  post(
    "https://acme.forge.example/token",
    {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      audience: "api.acme"
    },
    { accept: "application/json, text/plain", authorization: clientBasic },
    changes
  )

export const refreshRequest = (token: string, changes: RequestChanges = {}): Request =>
  post(
    "https://acme.forge.example/token",
    { grant_type: "refresh_token", refresh_token: token },
    { authorization: clientBasic },
    changes
  )

export const revocationRequest = (token: string, changes: RequestChanges = {}): Request =>
  post("https://acme.forge.example/revoke", { token }, { authorization: clientBasic }, changes)

export const introspectionRequest = (token: string, changes: RequestChanges = {}): Request =>
  post("https://acme.forge.example/introspect", { token }, { authorization: clientBasic }, changes)

export const apiRequest = (
  token: string,
  path = "/v1/things",
  headers: Readonly<Record<string, string>> = {}
): Request =>
  new Request(new URL(path, "https://api.forge.example"), {
    headers: { accept: "application/vnd.forge+json", authorization: `Bearer ${token}`, ...headers }
  })

export const checkRequest = (token: string): Request =>
  apiRequest(token, "/v1/ping?deep=1", { "x-probe": "yes" })

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly scope: string
}

export const jsonOf = async <A = Readonly<Record<string, unknown>>>(
  response: Response | Promise<Response>
): Promise<A> => (await (await response).json()) as A

/** A code, as the browser brings it back. */
export const codeOf = async (simulator: Simulator, changes: Fields = {}): Promise<string> =>
  (await simulator.visit(authorizationUrl(changes))).url.searchParams.get("code") ?? ""

/** The tokens of a whole flow. */
export const tokensOf = async (simulator: Simulator, changes: Fields = {}): Promise<Tokens> =>
  jsonOf<Tokens>(simulator.handle(tokenRequest(await codeOf(simulator, changes))))

/** What there was to object to. */
export const problems = ({ violations }: Simulator): ReadonlyArray<string> =>
  violations.map(({ problem }) => problem)
