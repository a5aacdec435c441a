import { compileFunction } from "node:vm"
import { helperName } from "../sample/simulated.ts"
import type { ModuleText } from "../init/moduleText.ts"

/** What the module below uses itself. */
const used = ["defineProvider", "process"]

/** Whether a module may call a constant so. The text is parsed, and not run. */
const isFree = (name: string): boolean => {
  try {
    compileFunction(`"use strict"; async () => { const ${name} = 0 }`)
    return !used.includes(name)
  } catch {
    return false
  }
}

/** The name under which a module exports a provider. */
export const exportName = (id: string): string => {
  const name = helperName(id)
  return isFree(name) ? name : `provider${name.charAt(0).toUpperCase()}${name.slice(1)}`
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
