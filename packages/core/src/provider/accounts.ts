import { type Account, storableText, type TenantFields } from "../model/index.ts"
import { renderTemplate } from "./fields.ts"
import { valueAtPath } from "./jsonPath.ts"
import type {
  AccountPath,
  ChosenElement,
  LiveCheck,
  OAuth2Definition
} from "./ProviderDefinition.ts"
import { hostPart, placeholders } from "./template.ts"

/** A list that a path goes through: the way to it, and which of its elements the vendor means. */
interface ListInPath {
  readonly path: ReadonlyArray<string>
  readonly step: ChosenElement
}

/** The first list in a path; undefined if it goes through none. */
const listIn = (path: AccountPath): ListInPath | undefined => {
  const names: Array<string> = []
  for (const step of path) {
    if (typeof step !== "string") return { path: names, step }
    names.push(step)
  }
  return undefined
}

/** The list, in the answer to `discovery`, that a person chooses an account from; undefined if there is none. */
export const choiceList = ({
  account,
  captures = {}
}: OAuth2Definition): ListInPath | undefined => {
  if (account?.from === "discovery") return listIn(account.id)
  const capture = account?.from === "capture" ? captures[account.name] : undefined
  return capture?.from === "request" ? listIn(capture.path) : undefined
}

/**
 * The server that names the accounts, if the tenant's fields decide which one it is: its issuer, or its hosts. Another
 * server may give the same id to another account. Undefined if all tenants have the same.
 */
export const accountIssuer = (
  definition: OAuth2Definition,
  fields: TenantFields
): string | undefined => {
  const { account, discovery, issuer, tokenEndpoint } = definition
  const named = definition.fields ?? []
  const values = {
    ...Object.fromEntries(named.flatMap((one) => (one.default ? [[one.name, one.default]] : []))),
    ...fields
  }
  const servers = [
    issuer ?? hostPart(tokenEndpoint),
    hostPart((account?.from === "request" ? account : discovery)?.url ?? "")
  ]
  const rendered = servers
    .filter((server) => placeholders(server).some((name) => named.some((one) => one.name === name)))
    .map((server) => renderTemplate(server, values))
  return rendered.length === 0 ? undefined : [...new Set(rendered)].join(" ")
}

/** The server that names the account of an API key, if the tenant's fields decide which one it is, by the URL of the check. */
export const keyIssuer = (check: LiveCheck, url: string): string | undefined =>
  placeholders(hostPart(check.url)).length === 0 ? undefined : new URL(url).origin

/** What a vendor has answered in a flow, by where a definition finds values in it. */
export interface VendorAnswers {
  /** The claims of the access token; undefined if it is not a JWT. */
  readonly access_token: unknown
  /** The claims of the ID token. */
  readonly id_token: unknown
  readonly token_response: unknown
  readonly discovery: unknown
}

/**
 * Whose consent it is, with the server that says so; undefined if it is not known. Without another statement of the
 * definition it is the account. An account that is chosen of a list says nothing of the person who consented.
 */
export const grantSubject = (
  definition: OAuth2Definition,
  fields: TenantFields,
  account: Account | undefined,
  answers?: VendorAnswers
): string | undefined => {
  const isChosen = choiceList(definition) !== undefined
  const { from, id } =
    definition.grantSubject ??
    (isChosen && definition.openid === true
      ? ({ from: "id_token", id: ["sub"] } as const)
      : { from: undefined, id: undefined })
  const subject =
    from !== undefined
      ? answers && storableText(valueAtPath(answers[from], id), 255)
      : isChosen
        ? undefined
        : account?.id
  return subject === undefined ? undefined : `${accountIssuer(definition, fields) ?? ""} ${subject}`
}
