import { randomBytes } from "node:crypto"

/** What a person has consented to, and everything that was issued for it. */
export interface Grant {
  readonly vendor: string
  /** Undefined: it was issued without a client, and each one may use it. */
  readonly clientId: string | undefined
  scopes: ReadonlyArray<string>
  readonly userScopes: ReadonlyArray<string>
  readonly captures: Readonly<Record<string, string>>
  readonly nonce: string | undefined
  /** Of another account than the one in the facts. */
  isOfOther: boolean
  /** The person has let the client into another account besides. */
  coversOther?: boolean
  isLive: boolean
}

/** `preliminary`: good for the exchange that the vendor wants, and nothing else. */
export type TokenKind = "access" | "refresh" | "preliminary"

export interface Token {
  readonly value: string
  readonly kind: TokenKind
  readonly grant: Grant
  /** Milliseconds of the epoch; undefined: it does not end by itself. */
  expiresAt: number | undefined
  isLive: boolean
}

/** An authorization code, with the request that it answers. */
export interface Code {
  readonly value: string
  readonly grant: Grant
  readonly redirectUri: string | undefined
  readonly challenge: string | undefined
  expiresAt: number
  isUsed: boolean
}

export const randomText = (): string => randomBytes(24).toString("base64url")

const randomToken = (kind: TokenKind): string => `${kind}-${randomText()}`

/** Everything that was issued, by all vendors: the values are never the same. */
export class Ledger {
  readonly #codes = new Map<string, Code>()
  readonly #tokens = new Map<string, Token>()
  readonly #grants = new Map<string, Set<Grant>>()

  addCode(code: Omit<Code, "value" | "isUsed">): Code {
    const added = { ...code, value: `code-${randomText()}`, isUsed: false }
    this.#codes.set(added.value, added)
    this.#addGrant(added.grant)
    return added
  }

  addToken(token: Omit<Token, "value" | "isLive">, value = randomToken(token.kind)): Token {
    const added = { ...token, value, isLive: true }
    this.#tokens.set(added.value, added)
    this.#addGrant(added.grant)
    return added
  }

  code(vendor: string, value: string | undefined): Code | undefined {
    const found = this.#codes.get(value ?? "")
    return found?.grant.vendor === vendor ? found : undefined
  }

  token(vendor: string, value: string | undefined): Token | undefined {
    const found = this.#tokens.get(value ?? "")
    return found?.grant.vendor === vendor ? found : undefined
  }

  /** Everything that was issued is older by as much. */
  age(milliseconds: number): void {
    for (const code of this.#codes.values()) code.expiresAt -= milliseconds
    for (const token of this.#tokens.values()) {
      if (token.expiresAt !== undefined) token.expiresAt -= milliseconds
    }
  }

  /** The newest access and refresh token of each grant, as far as they are good. */
  goodTokens(vendor: string, now: number): ReadonlyArray<Token> {
    const newest = new Map<Grant, Map<TokenKind, Token>>()
    for (const token of this.#tokens.values()) {
      if (token.grant.vendor !== vendor || token.kind === "preliminary") continue
      const ofGrant = newest.get(token.grant) ?? new Map<TokenKind, Token>()
      newest.set(token.grant, ofGrant.set(token.kind, token))
    }
    return [...newest.values()]
      .flatMap((ofGrant) => [...ofGrant.values()])
      .filter((token) => isGood(token, now))
  }

  /** Every grant of a vendor, in the order in which they came. */
  grantsOf(vendor: string): Iterable<Grant> {
    return this.#grants.get(vendor) ?? []
  }

  #addGrant(grant: Grant): void {
    const grants = this.#grants.get(grant.vendor) ?? new Set()
    this.#grants.set(grant.vendor, grants.add(grant))
  }
}

/** Whether a token is good now: neither it nor its grant was ended, and its time is not over. */
export const isGood = (token: Token, now: number): boolean =>
  token.isLive && token.grant.isLive && (token.expiresAt === undefined || now < token.expiresAt)
