import {
  authorizedFetch,
  type ProviderId,
  ProviderRegistry,
  providerUsedBy,
  tenantsDefault
} from "@hawser/core"
import type { ProviderFacts } from "../facts/index.ts"
import { Effect } from "effect"
import { expect } from "./Expectation.ts"
import { admin } from "./providerHost.ts"

/** The provider of a check as its admin's tenant uses it. */
export const configured = Effect.fnUntraced(function* (id: ProviderId) {
  const registry = yield* ProviderRegistry
  return yield* providerUsedBy(admin.tenantId, yield* registry.getFor(admin.tenantId, id))
})

/** The API answers at each of its hosts, if it has any. */
export const apiAnswers = Effect.fnUntraced(function* ({ api, provider }: ProviderFacts) {
  if (api === undefined) return
  for (const target of ["/probe", ...(api.hosts ?? []).map((host) => `https://${host}/probe`)]) {
    const answer = yield* authorizedFetch(
      { tenantId: admin.tenantId, ...tenantsDefault, provider },
      target
    )
    yield* expect(`a call of ${target}`, answer.status, 200)
  }
})
