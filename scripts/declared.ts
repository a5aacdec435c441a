/**
 * `node declared.ts OUT specifier…`: writes a module that hands on what each exported function returns, and each method of a
 * running Hawser and of its handles, with its type inferred. It compiles with declarations only if every such type can be
 * named by what is exported.
 */
import { writeFileSync } from "node:fs"

const [, , out = "", ...specifiers] = process.argv

type Callable = (...args: ReadonlyArray<unknown>) => unknown

const isClass = (value: Callable): boolean =>
  /^class\b/.test(Function.prototype.toString.call(value))
/** A schema, a service and an API of Effect's can be called by nobody, though they are functions. */
const isOfEffect = (value: object): boolean => {
  for (const name in value) if (name.startsWith("~effect/")) return true
  return Object.getOwnPropertyNames(value).some((name) => name.startsWith("~effect/"))
}
const isFunction = (value: unknown): value is Callable =>
  typeof value === "function" && !isOfEffect(value) && !isClass(value as Callable)
const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The functions that an entry exports, and those of the objects that it exports, as they are reached. */
const functionsOf = (exports: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.entries(exports).flatMap(([name, value]) => {
    if (isFunction(value)) return [name]
    if (!isPlain(value)) return []
    return Object.entries(value)
      .filter(([, member]) => isFunction(member))
      .map(([member]) => `${name}.${member}`)
  })

const handedOn = (specifier: string, at: number, paths: ReadonlyArray<string>): string =>
  [
    `import * as entry${at} from "${specifier}"`,
    ...paths.map(
      (path) =>
        `export const of${at}_${path.replaceAll(".", "_")} = (...args: Parameters<typeof entry${at}.${path}>) => entry${at}.${path}(...args)`
    )
  ].join("\n")

interface Starts {
  readonly createHawser: (options: object) => Promise<RunningHawser>
  readonly memory: () => unknown
}

interface RunningHawser {
  readonly tenant: (
    id: string,
    options: { readonly user: string }
  ) => { readonly connection: (provider: string) => object; readonly credentials: object }
  readonly admin: object
  readonly close: () => Promise<void>
}

/** Each member of a handle, and what each of its methods answers, of the type that hosts write for it. */
const membersOf = (name: string, type: string, handle: object): ReadonlyArray<string> =>
  Object.entries(handle).flatMap(([member, value]) => [
    `export const ${name}_${member} = (handle: ${type}) => handle.${member}`,
    ...(typeof value === "function"
      ? [
          `export const answer_${name}_${member} = (handle: ${type}, ...args: Parameters<${type}["${member}"]>) => handle.${member}(...args)`
        ]
      : [])
  ])

const handlesOf = async ({ createHawser, memory }: Starts): Promise<string> => {
  const hawser = await createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: ["https://app.example.com/integrations"],
    authenticate: async () => null,
    providers: [],
    store: memory(),
    workers: "off",
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
  })
  const tenant = hawser.tenant("acme", { user: "ann" })
  const lines = [
    'import type { ActingConnection, ActingTenant, Credentials, Hawser, HawserAdmin } from "hawser"',
    ...membersOf("hawser", "Hawser", hawser),
    ...membersOf("admin", "HawserAdmin", hawser.admin),
    ...membersOf("tenant", "ActingTenant", tenant),
    ...membersOf("credentials", "Credentials", tenant.credentials),
    ...membersOf("connection", "ActingConnection", tenant.connection("github")),
    "export const asFetch = (connection: ActingConnection): typeof fetch => connection.fetch"
  ]
  await hawser.close()
  return lines.join("\n")
}

const parts: Array<string> = []
for (const [at, specifier] of specifiers.entries()) {
  const exports = (await import(specifier)) as Readonly<Record<string, unknown>>
  parts.push(handedOn(specifier, at, functionsOf(exports)))
  if (specifier === "hawser") parts.push(await handlesOf(exports as unknown as Starts))
}
writeFileSync(out, `${parts.join("\n")}\n`)
