import { helperName } from "../sample/simulated.ts"
import type { ModuleText } from "../init/moduleText.ts"

/** The name under which a module exports a provider: one that an identifier may have. */
export const exportName = (id: string): string => {
  const name = helperName(id)
  return /^[a-z]/.test(name) ? name : `provider${name}`
}

/** The variables of the client that a host registers at the vendor. */
export const clientVariables = (
  id: string
): { readonly clientId: string; readonly clientSecret: string } => {
  const prefix = id.replaceAll("-", "_").toUpperCase()
  const start = /^[A-Z]/.test(prefix) ? prefix : `PROVIDER_${prefix}`
  return { clientId: `${start}_CLIENT_ID`, clientSecret: `${start}_CLIENT_SECRET` }
}

/** Data as it stands in code. */
const literal = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(/^( *)"([a-zA-Z_]\w*)":/gm, "$1$2:")

/** The module that defines a provider, as docs/define-a-provider.md shows it. */
export const definitionModule = (
  id: string,
  definition: Readonly<Record<string, unknown>>
): ModuleText => {
  const { clientId, clientSecret } = clientVariables(id)
  const secret =
    definition["clientAuthentication"] === "none"
      ? ""
      : `, clientSecret: process.env["${clientSecret}"]`
  const client = `{ clientId: process.env["${clientId}"]${secret} }`
  const data = literal(definition)
  return {
    imports: [{ from: "hawser", names: ["defineProvider"] }],
    body:
      definition["authType"] === "oauth2"
        ? `export const ${exportName(id)} = defineProvider(\n  ${data.replaceAll("\n", "\n  ")},\n  ${client}\n)`
        : `export const ${exportName(id)} = defineProvider(${data})`
  }
}
