import {
  type Field,
  type HostSetting,
  type OAuth2Definition,
  type ProviderDefinition,
  statedMembers
} from "@hawser/core"
import type { OAuth2Facts, ProviderFacts } from "../facts/index.ts"
import { canonical } from "./canonical.ts"
import { unseenErrors } from "./namedErrors.ts"

/** One statement that stands in a definition and in its facts, and cannot be seen in any request. */
type Statement = readonly [path: string, defined: unknown, fact: unknown]

const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other)

type Facts = ProviderFacts

const statedNames = Object.keys(statedMembers) as ReadonlyArray<keyof typeof statedMembers>

const presentation = (definition: ProviderDefinition, facts: Facts): ReadonlyArray<Statement> => [
  ["id", definition.id, facts.provider],
  ["authType", definition.authType, facts.authType],
  ["displayName", definition.displayName, facts.presentation.displayName],
  ["category", definition.category, facts.presentation.category],
  ["description", definition.description, facts.presentation.description],
  ["docsUrl", definition.docsUrl, facts.presentation.docsUrl],
  ["brandColor", definition.brandColor, facts.presentation.brandColor],
  ["notices", definition.notices, facts.presentation.notices],
  ["authKind", definition.authKind, "authKind" in facts ? facts.authKind : undefined]
]

type FieldFacts = NonNullable<Facts["fields"]>[string] | undefined

const words = (path: string, { help, label }: Field | HostSetting, fact: FieldFacts) =>
  [
    [`${path}.label`, label, fact?.label],
    [`${path}.help`, help, fact?.help]
  ] satisfies ReadonlyArray<Statement>

const ofField = (field: Field, fact: FieldFacts): ReadonlyArray<Statement> => {
  const path = `fields.${field.name}`
  return [
    ...words(path, field, fact),
    [`${path}.secret`, field.secret ?? true, fact?.secret ?? true],
    [`${path}.required`, field.required ?? true, fact?.required ?? true],
    [`${path}.choices`, field.choices, fact?.choices],
    [`${path}.default`, field.default, fact?.default]
  ]
}

const named = (list: ReadonlyArray<{ readonly name: string }> = []) =>
  list.map(({ name }) => name).toSorted()

const fields = (definition: ProviderDefinition, facts: Facts): ReadonlyArray<Statement> => [
  ["fields", named(definition.fields), Object.keys(facts.fields ?? {}).toSorted()],
  ["settings", named(definition.settings), Object.keys(facts.settings ?? {}).toSorted()],
  ...(definition.fields ?? []).flatMap((one) => ofField(one, facts.fields?.[one.name])),
  ...(definition.settings ?? []).flatMap((one) =>
    words(`settings.${one.name}`, one, facts.settings?.[one.name])
  )
]

const api = (
  { api: defined }: ProviderDefinition,
  { api: fact }: Facts
): ReadonlyArray<Statement> => [
  ["api.baseUrl", defined?.baseUrl, fact?.baseUrl],
  ["api.hosts", defined?.hosts, fact?.hosts]
]

const captured = (definition: OAuth2Definition, facts: OAuth2Facts): ReadonlyArray<Statement> => {
  const captures = Object.entries(definition.captures ?? {})
  return [
    [
      "captures.*.hostBelow",
      Object.fromEntries(
        captures.flatMap(([name, { hostBelow }]) =>
          hostBelow === undefined ? [] : [[name, hostBelow]]
        )
      ),
      facts.capturesBelow ?? {}
    ],
    [
      "captures.*.required",
      captures.filter(([, { required }]) => required === false).map(([name]) => name),
      facts.capturesOptional ?? []
    ]
  ]
}

const oauth2 = (definition: OAuth2Definition, facts: OAuth2Facts): ReadonlyArray<Statement> => [
  ...statedNames.map((name): Statement => [name, definition[name], facts[name]]),
  ["issuer", definition.issuer, facts.issuer],
  ["openid", definition.openid ?? false, facts.openid ?? false],
  [
    "issParameterSupported",
    definition.issParameterSupported ?? false,
    facts.authorize.sendsIss ?? false
  ],
  ["responseMode", definition.responseMode, facts.authorize.responseMode],
  ["pkce.off", definition.pkce?.off, facts.authorize.pkceOff],
  ["defaultScopes", definition.defaultScopes, facts.defaultScopes],
  [
    "userScopes.defaultScopes",
    definition.userScopes?.defaultScopes,
    facts.authorize.userScopes?.defaultScopes
  ],
  ["leavesOutScopes", definition.leavesOutScopes ?? false, facts.leavesOutScopes ?? false],
  ["clientAuthentication", definition.clientAuthentication, facts.token.clientAuthentication[0]],
  ["refreshMargin", definition.refreshMargin, facts.refreshMargin],
  ["formerTokenEndpoints", definition.formerTokenEndpoints, facts.formerTokenEndpoints],
  [
    "pushedAuthorizationRequestEndpoint",
    definition.pushedAuthorizationRequestEndpoint,
    facts.pushedAuthorizationRequestEndpoint
  ],
  ["revocation.ends", definition.revocation?.ends, facts.revocation?.ends],
  [
    "captures.*.moves",
    Object.entries(definition.captures ?? {}).flatMap(([name, { moves }]) => (moves ? [name] : [])),
    facts.capturesMoving ?? []
  ],
  ["introspection.endpoint", definition.introspection?.endpoint, facts.introspection?.url],
  ["discovery.url", definition.discovery?.url, facts.discovery?.url],
  ["tokenExchange.endpoint", definition.tokenExchange?.endpoint, facts.tokenExchange?.url],
  ...captured(definition, facts)
]

/** Where definition and facts say different things, by the member's path. */
export const statedOtherwise = (
  definition: ProviderDefinition,
  facts: ProviderFacts
): ReadonlyArray<string> => {
  const statements = [
    ...presentation(definition, facts),
    ...fields(definition, facts),
    ...api(definition, facts),
    ...(definition.authType === "oauth2" && facts.authType === "oauth2"
      ? oauth2(definition, facts)
      : [])
  ]
  const errors =
    definition.authType === "oauth2" && facts.authType === "oauth2"
      ? unseenErrors(definition, facts)
      : []
  const different = statements
    .filter(([, defined, fact]) => !same(defined, fact))
    .map(
      ([path, defined, fact]) =>
        `${path}: the definition says ${canonical(defined)}, the facts ${canonical(fact)}`
    )
  return [...different, ...errors]
}
