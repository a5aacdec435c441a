/**
 * A provider whose vendor does everything as the standards say: its definition, and the facts by which the simulator plays the
 * vendor. What the vendor does otherwise is then written into both, from its own pages.
 */

export const clientAuthentications = ["client_secret_basic", "client_secret_post", "none"] as const

interface Common {
  readonly id: string
  readonly displayName: string
  /** One of the catalogue's. */
  readonly category: string
  readonly description: string
  /** The vendor's own page. */
  readonly docsUrl: string
  /** Where its API is. */
  readonly apiUrl?: string | undefined
  /** A harmless GET that says whether a credential works. */
  readonly checkUrl?: string | undefined
}

interface StandardOAuth2 extends Common {
  readonly auth: "oauth2"
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly revocationUrl?: string | undefined
  readonly clientAuthentication: (typeof clientAuthentications)[number]
  readonly scopes: ReadonlyArray<string>
  /** The members of the answer to `checkUrl` that name the account, with dots between the names on the way. */
  readonly account?: { readonly id: string; readonly label?: string | undefined } | undefined
}

interface StandardApiKey extends Common {
  readonly auth: "api_key"
  /** The header that carries the key, with `{api_key}` in its place. */
  readonly header: { readonly name: string; readonly value: string }
}

export type StandardProvider = StandardOAuth2 | StandardApiKey

interface Files {
  readonly definition: Readonly<Record<string, unknown>>
  readonly facts: Readonly<Record<string, unknown>>
}

const presentationOf = ({ category, description, displayName, docsUrl }: Common) => ({
  displayName,
  category,
  description,
  docsUrl
})

const apiOf = ({ apiUrl }: Common) => (apiUrl === undefined ? {} : { api: { baseUrl: apiUrl } })

const rejected = { status: 401, body: { error: "unauthorized" } }

/** An answer with these members, each behind its path. */
const answerWith = (members: ReadonlyArray<readonly [ReadonlyArray<string>, string]>): object => {
  const answer: Record<string, unknown> = {}
  for (const [path, value] of members) {
    let at = answer
    for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>
    at[path.at(-1) ?? ""] = value
  }
  return answer
}

const samples = { id: "usr_1", label: "ann@acme.example" }

const oauth2 = (given: StandardOAuth2): Files => {
  const { account, authorizationUrl, checkUrl, clientAuthentication, id, revocationUrl } = given
  const { scopes, tokenUrl } = given
  const idPath = account?.id.split(".")
  const labelPath = account?.label?.split(".")
  const who = answerWith([
    ...(idPath === undefined ? [] : [[idPath, samples.id] as const]),
    ...(labelPath === undefined ? [] : [[labelPath, samples.label] as const])
  ])
  const answer = {
    access_token: "{access_token}",
    refresh_token: "{refresh_token}",
    token_type: "Bearer",
    scope: "{scope}",
    expires_in: "{expires_in}"
  }
  const token = {
    url: tokenUrl,
    clientAuthentication: [clientAuthentication],
    answer,
    lifetime: 3600,
    refused: { status: 400, body: { error: "invalid_grant" } }
  }
  return {
    definition: {
      id,
      ...presentationOf(given),
      authType: "oauth2",
      authorizationEndpoint: authorizationUrl,
      tokenEndpoint: tokenUrl,
      clientAuthentication,
      defaultScopes: scopes,
      ...(idPath !== undefined && {
        account: {
          from: "request",
          url: checkUrl,
          id: idPath,
          ...(labelPath !== undefined && { label: labelPath })
        }
      }),
      ...(checkUrl !== undefined && { check: { url: checkUrl } }),
      ...(revocationUrl !== undefined && {
        revocation: { endpoint: revocationUrl, ends: "token" }
      }),
      ...apiOf(given)
    },
    facts: {
      provider: id,
      authType: "oauth2",
      presentation: presentationOf(given),
      sources: [given.docsUrl],
      unverified: ["refresh.rotates", ...(revocationUrl === undefined ? [] : ["revocation"])],
      scopes,
      defaultScopes: scopes,
      authorize: { url: authorizationUrl, pkce: "supported" },
      token,
      refresh: { ...token, rotates: "always" },
      credential: { headers: { authorization: "Bearer {access_token}" } },
      ...apiOf(given),
      ...(checkUrl !== undefined && {
        check: { url: checkUrl, accepted: { status: 200, body: who }, rejected }
      }),
      ...(idPath !== undefined && {
        account: {
          id: samples.id,
          ...(labelPath !== undefined && { label: samples.label }),
          request: { url: checkUrl, answer: who }
        }
      }),
      revocation:
        revocationUrl === undefined
          ? null
          : {
              url: revocationUrl,
              ends: "token",
              authentication: "client",
              clientAuthentication: [clientAuthentication]
            }
    }
  }
}

const apiKey = (given: StandardApiKey): Files => {
  const { checkUrl, header, id } = given
  const words = { label: "API key", help: "Settings, then API keys" }
  const headers = { [header.name]: header.value }
  return {
    definition: {
      id,
      ...presentationOf(given),
      authType: "api_key",
      fields: [{ name: "api_key", ...words }],
      headers,
      ...apiOf(given),
      ...(checkUrl !== undefined && { check: { url: checkUrl } })
    },
    facts: {
      provider: id,
      authType: "api_key",
      presentation: presentationOf(given),
      sources: [given.docsUrl],
      unverified: [],
      fields: { api_key: { ...words, sample: "key_0123456789" } },
      credential: { headers },
      ...apiOf(given),
      ...(checkUrl !== undefined && {
        check: { url: checkUrl, accepted: { status: 200, body: { id: samples.id } }, rejected }
      })
    }
  }
}

export const standardProvider = (given: StandardProvider): Files =>
  given.auth === "oauth2" ? oauth2(given) : apiKey(given)

/** `made-up-desk` to `Made Up Desk`. */
export const titled = (id: string): string =>
  id
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ")

export const isProviderId = (id: string): boolean => /^[a-z0-9][a-z0-9-]{0,62}$/.test(id)
