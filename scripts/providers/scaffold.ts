import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  isProviderId,
  type StandardProvider,
  standardProvider,
  titled
} from "../../packages/cli/src/definition/standardProvider.ts"

export type AuthType = "oauth2" | "api_key"

/** A vendor at made-up hosts: nothing of it is left once the vendor's own pages have been read. */
const madeUp = (id: string, auth: AuthType): StandardProvider => {
  const common = {
    id,
    displayName: titled(id),
    category: "other",
    description: "What a tenant gets by connecting it.",
    docsUrl: `https://docs.${id}.example/authentication`,
    apiUrl: `https://api.${id}.example`,
    checkUrl: `https://api.${id}.example/v1/me`
  }
  if (auth === "api_key")
    return { ...common, auth, header: { name: "authorization", value: "Bearer {api_key}" } }
  const login = `https://login.${id}.example/oauth`
  return {
    ...common,
    auth,
    authorizationUrl: `${login}/authorize`,
    tokenUrl: `${login}/token`,
    revocationUrl: `${login}/revoke`,
    clientAuthentication: "client_secret_basic",
    scopes: ["read", "write"],
    account: { id: "id", label: "email" }
  }
}

/**
 * Writes a definition and its facts for a vendor that does everything as the standards say: what is then to be done is to
 * read the vendor's pages and to change both files until they say what the pages say. Never overwrites anything.
 */
export const scaffold = (id: string, authType: AuthType, folder: string): ReadonlyArray<string> => {
  if (!isProviderId(id))
    throw new Error(`${id} is not a provider id: lower-case letters, digits and hyphens.`)
  const { definition, facts } = standardProvider(madeUp(id, authType))
  const files = [
    [join(folder, `${id}.json`), definition],
    [join(folder, `${id}.facts.json`), facts]
  ] as const
  const existing = files.find(([file]) => existsSync(file))
  if (existing !== undefined) throw new Error(`${existing[0]} is there already.`)
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of files) writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  return files.map(([file]) => file)
}
