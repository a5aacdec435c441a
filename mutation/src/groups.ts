/** A part of the sources that is measured by itself, and the tests that hold it. */
export interface Group {
  readonly name: string
  /** Files that are changed, from the workspace's root. */
  readonly sources: ReadonlyArray<string>
  /** Test files from the workspace's root, those first that see most: a mutant ends at the first failure. */
  readonly tests: ReadonlyArray<string>
}

/** Each by itself: Stryker takes braces around one name for a part of it. */
const core = (room: string, names: string): ReadonlyArray<string> =>
  names.split(",").map((name) => `packages/core/src/${room}/${name}.ts`)

export const groups: ReadonlyArray<Group> = [
  {
    name: "flow",
    sources: [
      ...core(
        "connect",
        "connect,finishCallback,redeemCode,complete,confirm,flowSecrets,identifyAccount"
      ),
      "packages/core/src/connect/bindings/!(index|FlowBinding).ts",
      "packages/core/src/token/tokens.ts",
      "packages/core/src/model/Flow.ts",
      "packages/http/src/cookies.ts"
    ],
    tests: [
      "tests/core/{connect,callback,complete,tokens,openid}.test.ts",
      "tests/core/{refresh,callback-region,callback-scopes,granted-scopes,several-accounts}.test.ts",
      "tests/core/{pushed-and-bound,client-credentials,endpoint-not-allowed,revoke-later}.test.ts",
      "tests/core/{refresh-token-life,refused-tokens,vendor-habits}.test.ts",
      "packages/http/test/{callback,confirm,form-post,session,connect-options,account}.test.ts"
    ]
  },
  {
    name: "jwt",
    sources: [
      "packages/http/src/callers/*.ts",
      "packages/http/src/{jwt,remoteKeys,Authenticator}.ts"
    ],
    tests: [
      "packages/http/test/{jwt*,callers-*,key-set,host-authentication,session}.test.ts",
      "packages/hawser/test/{start-reports,plain-javascript}.test.ts"
    ]
  },
  {
    name: "redirect",
    sources: ["packages/effect/src/settings.ts"],
    tests: [
      "packages/effect/test/settings.test.ts",
      "packages/hawser/test/redirects.test.ts",
      "packages/hawser/test/start.test.ts"
    ]
  },
  {
    name: "memory-store",
    sources: ["packages/memory/src/!(index).ts", "packages/core/src/decide/!(index).ts"],
    tests: ["tests/memory/**/*.test.ts"]
  },
  {
    name: "postgres-store",
    sources: [
      "packages/postgres/src/{Postgres*Store,PostgresEventBus,PostgresMaintenance,TenantStatements,CrossTenantStatements,flowTerms}.ts"
    ],
    tests: [
      "packages/postgres/test/conformance.test.ts",
      "packages/postgres/test/statements.test.ts",
      "packages/postgres/test/burn.test.ts",
      "packages/postgres/test/outbox.test.ts"
    ]
  },
  {
    // They decide which URLs secrets go to.
    name: "secret-urls",
    sources: [
      ...core("provider", "secretUrl,urlBelow,EndpointLock,publicSuffix,urlChecks"),
      ...core("connection", "apiTarget")
    ],
    tests: [
      "tests/core/{secret-urls,endpoint-not-allowed,endpoint-lock,definition-urls,captures}.test.ts",
      "tests/core/{captured-values,authorized-fetch}.test.ts"
    ]
  },
  {
    // They bind a secret to its place, and check a vendor's text before it is stored.
    name: "sealed",
    sources: [
      ...core("vault", "sealContexts,lengthPrefixed,KeyedHash"),
      ...core("model", "vendorText"),
      ...core("auth", "githubApp,githubInstallation")
    ],
    tests: [
      "tests/core/{seal-contexts,envelope,keyed-hash,reseal,vendor-text,token-response,github-app}.test.ts"
    ]
  },
  {
    // They share slots, look-ups and rates among tenants.
    name: "traffic",
    sources: [
      ...core("protocol", "ProviderTraffic,ServerHealth,setBounded"),
      ...core("event", "deliverEvents"),
      "packages/http/src/{RateLimit,beginningPage}.ts",
      "packages/egress/src/resolver.ts"
    ],
    tests: [
      "tests/core/{bounded-memory,provider-traffic,slots,deliver-events}.test.ts",
      "packages/http/test/{order,session,declaration}.test.ts",
      "packages/egress/test/egress-resolver.test.ts"
    ]
  },
  {
    // They stop giving out a token and end it at the provider.
    name: "ended",
    sources: [
      ...core("token", "TokenCache,revokeLater,RefusedTokens"),
      ...core("connection", "revokeQueued")
    ],
    tests: [
      "tests/core/{token-cache,bounded-memory,refused-tokens,revoke-later,revoke-queued,owner-keys,tokens}.test.ts",
      "tests/core/{revocation-recipe,endpoint-not-allowed,withdrawn-grant,import-connections}.test.ts"
    ]
  },
  {
    // They decide who may see a connection, and who may change or end it.
    name: "owners",
    sources: [
      ...core("connection", "roles,integrations,listConnections,allowedPlace,credentials"),
      "packages/effect/src/acting.ts"
    ],
    tests: [
      "tests/core/{owner-keys,owner-not-allowed,integrations,list-connections,store-credentials}.test.ts",
      "packages/http/test/{owner-matrix,order,integrations,credentials}.test.ts",
      "packages/hawser/test/{handles,references}.test.ts"
    ]
  },
  {
    // They end what a tenant or a user has, and let nothing bring it back.
    name: "leaving",
    sources: core("connection", "offboarding"),
    tests: [
      "tests/core/erased.test.ts",
      "packages/hawser/test/{leaving,offboarding,attacks-leaving}.test.ts"
    ]
  },
  {
    // Tokens that wait until a person has chosen one of several accounts.
    name: "choose",
    sources: core("connect", "chooseAccount,waitingTokens,abandonedChoices,accountAt"),
    tests: [
      "tests/core/{choose-account,several-accounts,grant-subject}.test.ts",
      "packages/hawser/test/attacks-choose.test.ts"
    ]
  },
  {
    // They make the two pages that a browser is shown: one asks a person to agree, one says why a flow failed.
    name: "pages",
    sources: ["packages/http/src/{confirmPage,errorPage,html}.ts"],
    tests: [
      "packages/http/test/{confirm,callback,failures,installations}.test.ts",
      "packages/hawser/test/attacks-confirm.test.ts"
    ]
  }
]
