import { openApi } from "../../src/index.ts"

/** A route of the OpenAPI document. */
export interface DocumentedRoute {
  readonly operation: string
  readonly method: string
  /** Under `/v1/integrations`, with `{name}` for parameters. */
  readonly path: string
  readonly isPublic: boolean
  readonly takesJson: boolean
  readonly takesForm: boolean
  readonly statuses: ReadonlyArray<number>
}

const methods = ["get", "post", "put", "patch", "delete", "head", "options"] as const

/** All routes of the document, so that a new one is in every test that goes through them. */
export const documentedRoutes = (): ReadonlyArray<DocumentedRoute> =>
  Object.entries(openApi().paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      if (operation === undefined) return []
      const content = operation.requestBody?.content ?? {}
      return {
        operation: operation.operationId,
        method: method.toUpperCase(),
        path: path.replace(/^\/v1\/integrations\/?/, "/").replace(/^\/$/, ""),
        isPublic: operation.security.length === 0,
        takesJson: "application/json" in content,
        takesForm: "application/x-www-form-urlencoded" in content,
        statuses: Object.keys(operation.responses).map(Number)
      }
    })
  )
