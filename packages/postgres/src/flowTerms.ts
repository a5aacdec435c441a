/** The columns of what a flow fixes at its start, in one order everywhere. */
export const flowTerms =
  "tenant_id, user_id, provider, name, binding, redirect_url, redirect_uri, server, scopes, fields, reauthorizes, owner"
