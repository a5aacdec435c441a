import type { IntegrationEvent } from "hawser"

/** A step of a client: a request, or the way of a browser through a consent to the callback. */
interface Step {
  readonly title: string
  /** Nobody, if left out. */
  readonly as?: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, with the values of earlier answers in the places of `<kind n>`. */
  readonly json?: unknown
  /** Sent as it is: this text, so many times. */
  readonly body?: readonly [text: string, times: number]
  /** Consents at the `authorizationUrl` of this step first. The request is what the browser then brings to the path. */
  readonly consents?: string
  /** Sent again until this is its status. */
  readonly until?: number
}

/** What a step was answered: texts that are random or a time have `<kind n>` in their place. */
interface Recorded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined if there was none. */
  readonly body?: unknown
}

export interface Recording {
  readonly recordedFrom: string
  readonly providers: ReadonlyArray<object>
  readonly keys: Readonly<Record<string, "accepted" | "rejected" | "unreachable">>
  readonly steps: ReadonlyArray<Step & { readonly answer: Recorded }>
  readonly events: ReadonlyArray<IntegrationEvent>
}

/** Where a client reaches a host, and who its people are. */
interface Reached {
  readonly baseUrl: string
  readonly send: (request: Request) => Promise<Response>
  readonly tokenOf: (person: string) => Promise<string>
  /** What stands for `<kind n>` in a step. */
  readonly resolve: (text: string) => string
}

/** More than a minute's limit. */
const most = 1000

/** A client that goes through the steps, with a browser for each person. */
export class Client {
  readonly #host: Reached
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #consents = new Map<string, string>()

  constructor(host: Reached) {
    this.#host = host
  }

  async play(step: Step): Promise<Recorded> {
    const { as = "", title } = step
    const query = step.consents === undefined ? "" : await this.#consent(step.consents)
    const cookies = this.#cookies.get(as) ?? new Map<string, string>()
    this.#cookies.set(as, cookies)
    const token = as === "" ? undefined : await this.#host.tokenOf(as)
    for (let sent = 1; ; sent++) {
      const response = await this.#host.send(this.#request(step, { query, cookies, token }))
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (value === "") cookies.delete(name)
        else cookies.set(name, value)
      }
      const text = await response.text()
      if (step.until !== undefined && response.status !== step.until && sent < most) continue
      const body = text === "" ? undefined : (JSON.parse(text) as { authorizationUrl?: string })
      if (body?.authorizationUrl !== undefined) this.#consents.set(title, body.authorizationUrl)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        ...(body !== undefined && { body })
      }
    }
  }

  #request(
    { body, consents, headers, json, method, path }: Step,
    {
      cookies,
      query,
      token
    }: {
      readonly query: string
      readonly cookies: ReadonlyMap<string, string>
      readonly token: string | undefined
    }
  ): Request {
    const isBrowser = consents !== undefined
    const cookie = [...cookies].map((one) => one.join("=")).join("; ")
    const { baseUrl, resolve } = this.#host
    const sent = json === undefined ? body?.[0].repeat(body[1]) : resolve(JSON.stringify(json))
    return new Request(`${baseUrl}/v1/integrations${resolve(path)}${query}`, {
      method,
      redirect: "manual",
      headers: {
        ...(token !== undefined && !isBrowser && { authorization: `Bearer ${token}` }),
        ...(isBrowser && cookie !== "" && { cookie }),
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers
      },
      // Bytes, because fetch gives a content type of its own to text.
      ...(sent !== undefined && { body: new TextEncoder().encode(sent) })
    })
  }

  /** What the authorization server has the browser bring back. */
  async #consent(title: string): Promise<string> {
    const url = new URL(this.#consents.get(title) ?? "")
    url.searchParams.set("script", "allow")
    url.searchParams.set("account", "account-1")
    const { headers } = await fetch(url, { redirect: "manual" })
    return new URL(headers.get("location") ?? "").search
  }
}
