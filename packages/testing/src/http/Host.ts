import { randomUUID } from "node:crypto"
import type { Answer } from "./Answer.ts"
import { Browser } from "./Browser.ts"
import type { HttpMount, TokenClaims } from "./HttpMount.ts"
import { sessionCookie } from "./provider/session.ts"
import { type CallOptions, request } from "./request.ts"

/** The host under test, as its callers see it. */
export class Host {
  readonly mount: HttpMount
  readonly provider: HttpMount["provider"]

  constructor(mount: HttpMount) {
    this.mount = mount
    this.provider = mount.provider
  }

  url(path: string): string {
    return `${this.mount.baseUrl}/v1/integrations${path}`
  }

  /** A call of nobody's. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return request(method, this.url(path), options, this.mount.fetch)
  }

  /** A browser in which nobody is signed in. */
  browser(): Browser {
    return new Browser(this.mount.fetch)
  }

  /** An admin of a tenant that nobody has used before. */
  admin(): Person {
    return this.person({ tenantId: `tenant-${randomUUID()}`, userId: "ada", roles: ["admin"] })
  }

  person(claims: TokenClaims): Person {
    return new Person(this, claims)
  }
}

/** Someone who calls with a token of their own. */
export class Person {
  readonly host: Host
  readonly claims: TokenClaims

  constructor(host: Host, claims: TokenClaims) {
    this.host = host
    this.claims = claims
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const token = await this.host.mount.mintToken(this.claims)
    const headers = { authorization: `Bearer ${token}`, ...options.headers }
    return this.host.call(method, path, { ...options, headers })
  }

  /** A member of the same tenant. */
  member(): Person {
    return this.host.person({ ...this.claims, userId: "max", roles: ["member"] })
  }

  /** Somebody else of the same tenant, or the same person under other claims. */
  as(claims: Partial<TokenClaims>): Person {
    return this.host.person({ ...this.claims, ...claims })
  }

  /** Another admin of the same tenant. */
  colleague(): Person {
    return this.host.person({ ...this.claims, userId: "bob" })
  }

  /** The browser in which this person is signed in at the host. */
  browser(): Browser {
    const browser = this.host.browser()
    browser.keep([
      sessionCookie({ ...this.claims, tenantId: this.claims.tenantId ?? "" }).join("=")
    ])
    return browser
  }
}
