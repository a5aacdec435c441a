import type { ConfiguredProvider } from "@hawser/core"
import { Context } from "effect"
import { type HttpApiEndpoint, HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import {
  ForbiddenBody,
  InternalErrorBody,
  TooManyRequests,
  UnauthorizedBody,
  Unavailable
} from "./errorBodies.ts"

/** What the declaration says of an operation besides its path and its bodies; the handler keeps it. */

const bearer = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(
    OpenApi.annotations({
      format: "JWT",
      description:
        "An access token of the application: `Authorization: Bearer …`. User, tenant and roles are read from it, and from nowhere else."
    })
  )
)

const authenticated = {
  security: { bearer },
  error: [UnauthorizedBody, ForbiddenBody, TooManyRequests, InternalErrorBody, Unavailable]
} as const

/** The operation is for admins of the tenant. */
export class ForAdmins extends HttpApiMiddleware.Service<ForAdmins>()(
  "@hawser/http/ForAdmins",
  authenticated
) {}

/** The operation is for everyone with a role in the tenant. */
export class ForMembers extends HttpApiMiddleware.Service<ForMembers>()(
  "@hawser/http/ForMembers",
  authenticated
) {}

/** Who may call an operation. */
export type Role = "admin" | "member" | "public"

export const roleOf = ({ middlewares }: HttpApiEndpoint.Top): Role => {
  const required = new Set(Array.from(middlewares, ({ key }) => key))
  if (required.has(ForAdmins.key)) return "admin"
  return required.has(ForMembers.key) ? "member" : "public"
}

/** What a call does to the connections or keys that it names: it sees, uses or changes, or ends them. */
export type Right = "see" | "act" | "end"

/** For an operation that means what an owner has: by `owner` and `name` in the query. */
export const RightOf = Context.Reference<Right | undefined>("@hawser/http/RightOf", {
  defaultValue: () => undefined
})

/** Whether a connection's id may stand in the place of the provider. */
export const TakesIntegrationId = Context.Reference<boolean>("@hawser/http/TakesIntegrationId", {
  defaultValue: () => false
})

/**
 * What a call draws on. Of those who may make it, per tenant: `finish` apart, so that a tenant's traffic cannot keep its
 * admin from finishing or leaving; `check` apart and smaller, because each call asks a provider about a key. Of a public
 * operation, per client address: `callback` apart, so that who reads the catalogue cannot keep a flow from its end.
 */
export type Bucket = "tenant" | "finish" | "check" | "catalog" | "callback"
export const BucketOf = Context.Reference<Bucket>("@hawser/http/BucketOf", {
  defaultValue: () => "tenant"
})

/** Whether the operation looks at the `Origin` of the page that calls it. */
export const ChecksOrigin = Context.Reference<boolean>("@hawser/http/ChecksOrigin", {
  defaultValue: () => false
})

/** Whether a browser comes here by itself: then its answers have a browser's headers, and errors may be a page. */
export const ForBrowsers = Context.Reference<boolean>("@hawser/http/ForBrowsers", {
  defaultValue: () => false
})

/** Whether the parameters come in a form in the body: a provider's form post, which carries no bearer token. */
export const ReadsForm = Context.Reference<boolean>("@hawser/http/ReadsForm", {
  defaultValue: () => false
})

/** The member of the body that the provider's auth type does not use: it is ignored, whatever it holds. */
export const IgnoredMember = Context.Reference<
  (provider: ConfiguredProvider) => string | undefined
>("@hawser/http/IgnoredMember", { defaultValue: () => () => undefined })
