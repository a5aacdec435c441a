import type { FlowFailure } from "@hawser/core"
import type { Brand } from "effect"
import type { HttpApiMiddleware } from "effect/http-api"
import type { Operation, OperationName } from "./Api.ts"
import { takeReturn } from "./returned.ts"

/** What a program calls; to the callback and the confirm page go browsers by themselves. */
type ClientOperation = Exclude<
  OperationName,
  | "callback"
  | "callbackForm"
  | "tenantCallback"
  | "tenantCallbackForm"
  | "showConfirmation"
  | "confirm"
>

type Trimmed<Path extends string> = Path extends `${infer Rest}/` ? Rest : Path

/** Where the operations are: another method or path than the declaration's does not compile, nor does a missing one. */
const routes: {
  readonly [Name in ClientOperation]: readonly [
    Operation<Name>["method"],
    Trimmed<Operation<Name>["path"]>
  ]
} = {
  connect: ["POST", "/v1/integrations/:provider/connect"],
  list: ["GET", "/v1/integrations"],
  get: ["GET", "/v1/integrations/:provider"],
  disconnect: ["DELETE", "/v1/integrations/:provider"],
  test: ["POST", "/v1/integrations/:provider/test"],
  storeCredentials: ["POST", "/v1/integrations/:provider/credentials"],
  listCredentials: ["GET", "/v1/integrations/:provider/credentials"],
  deleteCredential: ["DELETE", "/v1/integrations/:provider/credentials/:credentialId"],
  swapCredential: ["PUT", "/v1/integrations/:provider/credential"],
  complete: ["POST", "/v1/integrations/:provider/complete"],
  catalog: ["GET", "/v1/integrations/catalog"]
}

/** A value as JSON has it: the declaration's brands are names for plain text. */
type Plain<Value> =
  Value extends Brand.Brand<string>
    ? string
    : Value extends ReadonlyArray<infer Item>
      ? ReadonlyArray<Plain<Item>>
      : Value extends object
        ? { readonly [Name in keyof Value]: Plain<Value[Name]> }
        : Value

type Part<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : object extends Value
    ? { readonly [_ in Name]?: Value }
    : { readonly [_ in Name]: Value }

type Request<Name extends ClientOperation> = Part<
  "params",
  Plain<Operation<Name>["~Params"]["Type"]>
> &
  Part<"query", Plain<Operation<Name>["~Query"]["Type"]>> &
  Part<"payload", Plain<Operation<Name>["~Payload"]["Type"]>>

type Calls = {
  readonly [Name in ClientOperation]: (
    ...request: object extends Request<Name> ? [Request<Name>?] : [Request<Name>]
  ) => Promise<Plain<Operation<Name>["~Success"]["Type"]>>
}

type CodeOf<Name extends ClientOperation> =
  | Operation<Name>["~Error"]["Type"]["error"]
  | HttpApiMiddleware.Error<Operation<Name>["~Middleware"]>["error"]

/** The contract's error codes; `unexpected_answer` where what answered was not Hawser. */
export type ErrorCode = CodeOf<ClientOperation> | "unexpected_answer"

/**
 * An answer that is an error, with the members of the errors in process: `code`, `retryable`, `retryAfter`, `httpStatus` and a
 * sentence. A server that cannot be reached is what `fetch` makes of it.
 */
export class ClientError extends Error {
  override readonly name = "ClientError"
  /** The `error` of the answer. It tells errors apart and stays; the sentence may change. */
  readonly code: ErrorCode
  readonly httpStatus: number
  /** Whether the same call may succeed later: 503, and whatever says after how long. A full store of keys is 429 and does not. */
  readonly retryable: boolean
  /** Seconds to wait, where the server says so and lets the page read it. */
  readonly retryAfter: number | undefined
  /** What the server's log has about the call. */
  readonly requestId: string | undefined
  /** What is wrong with the request, and where. */
  readonly details: ReadonlyArray<{ readonly path: string; readonly code: string }>
  /** Of `complete`: why the flow did not connect, by the word that the callback gives a page. */
  readonly reason: FlowFailure | undefined
  /** Of `account_already_connected`: the connection that has the account. */
  readonly integrationId: string | undefined
  /** Of `account_choice_required`: the accounts, and the flow id to send with the chosen one. */
  readonly choice: AccountChoice | undefined

  constructor({ headers, status }: Pick<Response, "headers" | "status">, body: Partial<ErrorBody>) {
    super(body.message ?? `The server answered ${status}, and not as Hawser does.`)
    this.code = body.error ?? "unexpected_answer"
    this.httpStatus = status
    const retryAfter = headers.get("retry-after")
    this.retryable = status === 503 || retryAfter !== null
    const seconds = Number(retryAfter ?? undefined)
    // A proxy on the way may say a date (RFC 9110 §10.2.3).
    this.retryAfter = Number.isNaN(seconds) ? undefined : seconds
    this.requestId = body.requestId
    this.details = body.details ?? []
    this.reason = body.reason
    this.integrationId = body.integrationId
    const { choices, flowId } = body
    this.choice = choices && flowId ? { choices, flowId } : undefined
  }
}

/** The accounts that a consent covers. */
export interface AccountChoice {
  readonly choices: ReadonlyArray<{ readonly id: string; readonly label: string }>
  /** For the call of `complete` that names the `id` of one as `account`. It works once, within ten minutes. */
  readonly flowId: string
}

interface ErrorBody extends Partial<AccountChoice> {
  readonly error: ErrorCode
  readonly message: string
  readonly requestId?: string
  readonly details?: ClientError["details"]
  readonly reason?: FlowFailure
  readonly integrationId?: string
}

/** What a page learns when a flow came back to it. */
export type Returned =
  /** Nobody came back from a flow. */
  | { readonly status: "nothing" }
  | { readonly status: "connected"; readonly provider: string; readonly integrationId: string }
  /** Somebody else, such as an owner of the organization, has yet to approve it at the provider. */
  | { readonly status: "pending_approval"; readonly provider: string }
  /** The consent covers several accounts: show `choices`, and call `complete` with the chosen one. */
  | ({ readonly status: "choose"; readonly provider: string } & AccountChoice)
  | {
      readonly status: "error"
      readonly provider: string
      readonly error: FlowFailure | ErrorCode
      /** Text for a person, if the server gave one. */
      readonly message?: string
    }

/** The operations of the contract as promises. They reject with `ClientError`. */
export interface Client extends Calls {
  /**
   * For the page that flows come back to: reads what the callback put into the address, takes it out of the address bar,
   * completes the flow where that is asked for, and says how it ended. Without a return it answers `nothing`, so a page may
   * call it whenever it is shown; calls while one is under way get the same answer.
   *
   * A flow of the user's own is completed with `{ owner: "user" }`. With `href` it reads that address instead: one at which
   * a flow ended in another window.
   */
  readonly completeIfReturned: (
    of?: CompletedOwner & { readonly href?: string | undefined }
  ) => Promise<Returned>
}

/** Whose connection a flow that came back is about: the tenant's, which is the default, or the caller's own. */
export interface CompletedOwner {
  readonly owner?: "tenant" | "user"
}

export interface CreateClientOptions {
  /** The URL under which the host mounts Hawser, without `/v1/integrations`. */
  readonly baseUrl: string | URL
  /** The access token, or what gets one for each call; the catalogue needs none. */
  readonly token?: string | (() => string | Promise<string>)
  /** Default: the global `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/**
 * A client of the contract for browsers and other programs.
 *
 * @example
 * import { createClient } from "hawser/client"
 *
 * declare const getAccessToken: () => Promise<string>
 *
 * const hawser = createClient({ baseUrl: "https://app.example.com/api", token: getAccessToken })
 * const returned = await hawser.completeIfReturned()
 * if (returned.status === "error") console.log(returned.provider, returned.error)
 * const { items } = await hawser.list({ query: { status: "connected" } })
 */
export const createClient = (options: CreateClientOptions): Client => {
  checkOptions(options)
  // The table has each of them, and their types come from the declaration.
  const calls = Object.fromEntries(
    Object.entries(routes).map(([name, [method, path]]) => [
      name,
      (parts: Parts = {}) => call(options, method, path, parts)
    ])
  ) as unknown as Calls
  let underWay: Promise<Returned> | undefined
  return {
    ...calls,
    completeIfReturned: (of) =>
      (underWay ??= completeReturn(calls, of).finally(() => {
        underWay = undefined
      }))
  }
}

/** By hand: a page should not load a library of schemas for three options. */
const optionTypes: { readonly [Name in keyof Required<CreateClientOptions>]: RegExp } = {
  baseUrl: /^(?:string|URL)$/,
  token: /^(?:string|function|undefined)$/,
  fetch: /^(?:function|undefined)$/
}

const checkOptions = (options: object): void => {
  const wrong = (problem: string) => new TypeError(`createClient: ${problem}`)
  if (typeof options !== "object" || options === null)
    throw wrong("Give it an object with baseUrl.")
  const names = Object.keys(optionTypes)
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw wrong(`There is no option ${unknown}; there are ${names.join(", ")}.`)
  for (const [name, types] of Object.entries(optionTypes)) {
    const value: unknown = (options as Record<string, unknown>)[name]
    const type = value instanceof URL ? "URL" : typeof value
    if (!types.test(type)) throw wrong(`The option ${name} must not be of the type ${type}.`)
  }
}

const completeReturn = async (
  { complete }: Calls,
  { href, owner }: CompletedOwner & { readonly href?: string | undefined } = {}
): Promise<Returned> => {
  const returned = takeReturn(href)
  if (returned.status !== "pending" && returned.status !== "choose") return returned
  const { flowId, provider } = returned
  try {
    const { integrationId } = await complete({
      params: { provider },
      ...(owner && { query: { owner } }),
      payload: { flowId }
    })
    return { status: "connected", provider, integrationId }
  } catch (problem) {
    if (!(problem instanceof ClientError)) throw problem
    const { choice, code, message, reason = code } = problem
    if (choice !== undefined) return { status: "choose", provider, ...choice }
    return { status: "error", provider, error: reason, message }
  }
}

interface Parts {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly payload?: object
}

const call = async (
  { baseUrl, fetch = globalThis.fetch, token }: CreateClientOptions,
  method: string,
  path: string,
  { params = {}, payload, query = {} }: Parts
): Promise<unknown> => {
  const url =
    String(baseUrl).replace(/\/+$/, "") +
    path.replaceAll(/:(\w+)/g, (_, name: string) => segment(params[name])) +
    queryString(query)
  const bearer = typeof token === "function" ? await token() : token
  const response = await fetch(url, {
    method,
    headers: {
      accept: "application/json",
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(payload !== undefined && { "content-type": "application/json" })
    },
    ...(payload !== undefined && { body: JSON.stringify(payload) })
  })
  if (response.status === 204) return undefined
  const body = await readJson(response)
  if (response.ok && body !== undefined) return body
  throw new ClientError(response, isErrorBody(body) ? body : {})
}

/** Ids have no other characters, and with others the token might go elsewhere: some servers read `..%2f` as `../`. */
const segment = (value = ""): string => {
  if (!/^[\w-]+$/.test(value)) throw new TypeError(`"${value}" cannot stand in a path.`)
  return value
}

const queryString = (query: NonNullable<Parts["query"]>): string => {
  const sent = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(sent.map(([name, value]) => [name, String(value)])).toString()
  return text === "" ? "" : `?${text}`
}

/** Undefined if it is not JSON: then something in front of Hawser has answered. */
const readJson = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isErrorBody = (body: unknown): body is ErrorBody =>
  typeof body === "object" &&
  body !== null &&
  "error" in body &&
  typeof body.error === "string" &&
  "message" in body &&
  typeof body.message === "string"
