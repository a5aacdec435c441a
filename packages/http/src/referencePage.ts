import type { OpenApi } from "effect/http-api"

/** The contract as a page to read, made of the OpenAPI document alone. */
export const referencePage = (
  document: OpenApi.OpenAPISpec,
  documentUrl: string
): { readonly html: string; readonly style: string } => {
  const style = ""
  return { html: `<!doctype html><title>${document.info.title}</title>${documentUrl}`, style }
}
