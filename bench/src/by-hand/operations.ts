import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { createLocalJWKSet, errors, jwtVerify } from "jose"
import { Pool, type QueryResultRow } from "pg"
import {
  authorizationEndpoint,
  clientId,
  clientSecret,
  poolSize,
  rateLimit,
  scopes,
  type Settings
} from "../settings.ts"
import { makeEnvelope } from "./envelope.ts"
import { statementsOf } from "./statements.ts"

/** An answer, before a framework writes it. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: unknown
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()
const secret = (): string => randomBytes(32).toString("base64url")
const newId = (prefix: string): string =>
  `${prefix}_${randomBytes(16).toString("hex").slice(0, 26)}`

const noStore = { "cache-control": "no-store" }
const failure = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { ...noStore, ...headers },
  body: { error, message: error }
})

interface Flow {
  readonly tenant_id: string
  readonly user_id: string
  readonly provider: string
  readonly redirect_url: string
  readonly redirect_uri: string
  readonly server: { readonly tokenEndpoint: string }
  readonly scopes: ReadonlyArray<string>
  readonly state_hash: Buffer
  readonly browser_hash: Buffer
  readonly sealed_secrets: Buffer
  readonly expired: boolean
}

interface TokenResponse {
  readonly access_token?: unknown
  readonly refresh_token?: unknown
  readonly token_type?: unknown
  readonly expires_in?: unknown
  readonly scope?: unknown
}

const catalogItems = [
  {
    provider: "acme",
    displayName: "Acme",
    category: "ticketing",
    description: "Projects and tasks.",
    authType: "oauth2",
    scopes,
    connectUrl: "/v1/integrations/acme/connect"
  },
  {
    provider: "beacon",
    displayName: "Beacon",
    category: "monitoring",
    description: "Alerts and uptime.",
    authType: "api_key",
    requiredFields: ["api_key"],
    connectUrl: "/v1/integrations/beacon/connect"
  }
]

/**
 * The operations as an engineer would write them who needs two providers and nothing general: plain `pg` with prepared
 * statements, `jose`, `node:crypto`, `fetch`.
 */
export const makeOperations = (settings: Settings) => {
  const pool = new Pool({ connectionString: settings.databaseUrl, max: poolSize })
  const sql = statementsOf(settings.schema)
  const query = <Row extends QueryResultRow>(
    name: keyof typeof sql,
    values: ReadonlyArray<unknown>
  ) => pool.query<Row>({ name, text: sql[name], values: [...values] })
  const envelope = makeEnvelope(settings.encryptionKey)
  const getKey = createLocalJWKSet(settings.jwks)
  const redirectUri = `${settings.publicUrl}/v1/integrations/acme/callback`
  const server = {
    issuer: new URL(authorizationEndpoint).origin,
    authorizationEndpoint,
    tokenEndpoint: settings.tokenEndpoint,
    clientId
  }
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
  const fingerprint = sha256(`${settings.tokenEndpoint} ${clientId}`).toString("hex")

  const windows = new Map<string, { readonly minute: number; used: number }>()
  const draw = (key: string) => {
    const minute = Math.floor(Date.now() / 60_000)
    let window = windows.get(key)
    if (window?.minute !== minute) windows.set(key, (window = { minute, used: 0 }))
    window.used++
    return {
      allowed: window.used <= rateLimit,
      headers: {
        "x-ratelimit-limit": String(rateLimit),
        "x-ratelimit-remaining": String(Math.max(0, rateLimit - window.used)),
        "x-ratelimit-reset": String((minute + 1) * 60)
      }
    }
  }

  /** The caller, or the answer to who is none. */
  const authenticate = async (authorization: string | undefined, role: "admin" | "member") => {
    if (authorization?.startsWith("Bearer ") !== true) return failure(401, "unauthorized")
    try {
      const { payload } = await jwtVerify(authorization.slice(7), getKey, {
        algorithms: ["RS256", "ES256", "EdDSA"],
        issuer: settings.issuer,
        audience: settings.audience,
        clockTolerance: 5,
        requiredClaims: ["exp"]
      })
      const { roles, sub, tenant_id: tenantId } = payload
      if (typeof sub !== "string" || typeof tenantId !== "string" || !Array.isArray(roles))
        return failure(403, "forbidden")
      const { allowed, headers } = draw(tenantId)
      if (!allowed) return failure(429, "rate_limit_exceeded", headers)
      if (!roles.includes("admin") && !(role === "member" && roles.includes("member")))
        return failure(403, "forbidden", headers)
      return { tenantId, userId: sub, headers: { ...noStore, ...headers } }
    } catch (error) {
      if (error instanceof errors.JOSEError) return failure(401, "unauthorized")
      throw error
    }
  }

  const startFlow = async (
    caller: {
      readonly tenantId: string
      readonly userId: string
      readonly headers: Record<string, string>
    },
    redirectUrl: unknown
  ): Promise<Answer> => {
    if (redirectUrl !== settings.redirectUrl)
      return failure(400, "validation_error", caller.headers)
    const [state, codeVerifier, browserSecret] = [secret(), secret(), secret()]
    const stateHash = sha256(state)
    const url = new URL(authorizationEndpoint)
    url.searchParams.set("response_type", "code")
    url.searchParams.set("client_id", clientId)
    url.searchParams.set("redirect_uri", redirectUri)
    url.searchParams.set("scope", scopes.join(" "))
    url.searchParams.set("state", state)
    url.searchParams.set("code_challenge", sha256(codeVerifier).toString("base64url"))
    url.searchParams.set("code_challenge_method", "S256")
    const tag = stateHash.subarray(0, 16).toString("base64url")
    const { rowCount } = await query("startFlow", [
      caller.tenantId,
      caller.userId,
      "acme",
      redirectUrl,
      redirectUri,
      JSON.stringify(server),
      scopes,
      stateHash,
      sha256(browserSecret),
      envelope.seal(codeVerifier, [
        caller.tenantId,
        "acme",
        stateHash.toString("base64url"),
        "code_verifier"
      ])
    ])
    if (rowCount !== 1) return failure(409, "already_connected", caller.headers)
    return {
      status: 200,
      headers: {
        ...caller.headers,
        "set-cookie": `__Host-flow-${tag}=${browserSecret}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600`
      },
      body: { authorizationUrl: url.href, state }
    }
  }

  const connectWithKey = async (
    caller: {
      readonly tenantId: string
      readonly userId: string
      readonly headers: Record<string, string>
    },
    credentialId: unknown
  ): Promise<Answer> => {
    if (typeof credentialId !== "string") return failure(400, "validation_error", caller.headers)
    const found = await query("findCredential", [caller.tenantId, "beacon", credentialId])
    if (found.rowCount !== 1) return failure(404, "credential_not_found", caller.headers)
    const { rows } = await query<{ readonly id: string; readonly connected_at: Date }>(
      "connectWithCredential",
      [caller.tenantId, "beacon", newId("int"), caller.userId, credentialId, newId("evt")]
    )
    const [row] = rows
    if (row === undefined) return failure(409, "already_connected", caller.headers)
    return {
      status: 200,
      headers: caller.headers,
      body: {
        integrationId: row.id,
        provider: "beacon",
        status: "connected",
        connectedAt: timestamp(row.connected_at)
      }
    }
  }

  return {
    connect: async (
      authorization: string | undefined,
      provider: string,
      body: unknown
    ): Promise<Answer> => {
      const caller = await authenticate(authorization, "admin")
      if ("status" in caller) return caller
      if (typeof body !== "object" || body === null)
        return failure(400, "validation_error", caller.headers)
      const { credentialId, redirectUrl } = body as Record<string, unknown>
      if (provider === "acme") return startFlow(caller, redirectUrl)
      if (provider === "beacon") return connectWithKey(caller, credentialId)
      return failure(404, "provider_not_found", caller.headers)
    },

    callback: async (
      provider: string,
      search: URLSearchParams,
      cookie: string | undefined,
      address: string
    ): Promise<Answer> => {
      if (!draw(address).allowed) return failure(429, "rate_limit_exceeded")
      const [state = "", ...otherStates] = search.getAll("state")
      const [code = "", ...otherCodes] = search.getAll("code")
      if (otherStates.length > 0 || otherCodes.length > 0) return failure(400, "validation_error")
      const { rows } = await query<Flow>("burnFlow", [sha256(state)])
      const [flow] = rows
      if (flow === undefined || flow.expired || flow.provider !== provider)
        return failure(400, "validation_error")
      const tag = flow.state_hash.subarray(0, 16).toString("base64url")
      const name = `__Host-flow-${tag}=`
      const presented = cookie
        ?.split("; ")
        .find((pair) => pair.startsWith(name))
        ?.slice(name.length)
      if (presented === undefined || !timingSafeEqual(sha256(presented), flow.browser_hash))
        return failure(400, "validation_error")
      const back = (parameters: Record<string, string>): Answer => {
        const url = new URL(flow.redirect_url)
        for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value)
        return {
          status: 303,
          headers: {
            ...noStore,
            location: url.href,
            "referrer-policy": "no-referrer",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
            "set-cookie": `${name}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0`
          }
        }
      }
      if (code === "") return back({ status: "error", provider, error: "provider_error" })
      const codeVerifier = envelope.open(flow.sealed_secrets, [
        flow.tenant_id,
        "acme",
        flow.state_hash.toString("base64url"),
        "code_verifier"
      ])
      const response = await fetch(flow.server.tokenEndpoint, {
        method: "POST",
        headers: { authorization: basic, accept: "application/json" },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          code,
          redirect_uri: flow.redirect_uri,
          code_verifier: codeVerifier
        }),
        redirect: "error",
        signal: AbortSignal.timeout(15_000)
      })
      const tokens = (await response.json()) as TokenResponse
      if (
        !response.ok ||
        typeof tokens.access_token !== "string" ||
        typeof tokens.token_type !== "string"
      )
        return back({ status: "error", provider, error: "invalid_response" })
      const grantId = newId("gra")
      const seal = (text: unknown, field: string) =>
        typeof text === "string"
          ? envelope.seal(text, [flow.tenant_id, "acme", grantId, field])
          : null
      const written = await query<{ readonly id: string }>("connectWithGrant", [
        flow.tenant_id,
        provider,
        newId("int"),
        flow.user_id,
        typeof tokens.scope === "string" ? tokens.scope.split(" ") : flow.scopes,
        newId("evt"),
        grantId,
        seal(tokens.access_token, "access_token"),
        seal(tokens.refresh_token, "refresh_token"),
        tokens.token_type.toLowerCase(),
        typeof tokens.expires_in === "number" ? tokens.expires_in : null,
        fingerprint
      ])
      const [integration] = written.rows
      return integration === undefined
        ? back({ status: "error", provider, error: "already_connected" })
        : back({ status: "connected", provider, integrationId: integration.id })
    },

    list: async (authorization: string | undefined): Promise<Answer> => {
      const caller = await authenticate(authorization, "member")
      if ("status" in caller) return caller
      const { rows } = await query<{
        readonly id: string
        readonly provider: string
        readonly status: string
        readonly connected_by: string
        readonly connected_at: Date
        readonly scopes: ReadonlyArray<string>
      }>("list", [caller.tenantId])
      const items = rows.map((row) => ({
        integrationId: row.id,
        provider: row.provider,
        status: row.status,
        connectedBy: row.connected_by,
        connectedAt: timestamp(row.connected_at),
        scopes: row.scopes
      }))
      return { status: 200, headers: caller.headers, body: { items, total: items.length } }
    },

    catalog: (address: string): Answer =>
      draw(address).allowed
        ? { status: 200, headers: {}, body: { items: catalogItems, total: catalogItems.length } }
        : failure(429, "rate_limit_exceeded"),

    close: () => pool.end()
  }
}

const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
