import { readFileSync } from "node:fs"
import { Schema } from "effect"
import { type HawserOptions, jwt, pglite, postgres } from "hawser"
import { ConfigFile } from "./ConfigFile.ts"
import { decode, Problem } from "./problem.ts"
import { providerOf } from "./providers.ts"

const Adapter = Schema.Literals(["node", "express", "fastify"])
type Adapter = typeof Adapter.Type

const Port = Schema.NumberFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 0, maximum: 65_535 })
)

const Environment = Schema.Struct({
  HAWSER_CONFIG: Schema.NonEmptyString,
  HAWSER_ADAPTER: Schema.optionalKey(Adapter),
  DATABASE_URL: Schema.optionalKey(Schema.String),
  PORT: Schema.optionalKey(Port)
})

/** Where PGlite keeps its data, in the folder that the server is started in. */
const dataDir = ".data/pglite"

export interface Settings {
  readonly adapter: Adapter
  readonly port: number
  /** What is under it goes to Hawser: as `HawserOptions` has it, without a slash at its end. */
  readonly basePath: string
  readonly options: HawserOptions
}

/** Reads the environment and the file that it names. Throws `Problem`. */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => {
  const {
    DATABASE_URL: url = "",
    HAWSER_ADAPTER: adapter = "node",
    HAWSER_CONFIG: file,
    PORT: port = 3000
  } = decode("environment", Environment, environment, "ignore")

  const { jwt: issuer, providers, ...rest } = decode(file, ConfigFile, readJson(file))
  const path = rest.basePath ?? URL.parse(rest.publicUrl)?.pathname ?? ""
  return {
    adapter,
    port,
    basePath: path.replace(/\/+$/, ""),
    options: {
      ...rest,
      authenticate: jwt(issuer),
      providers: providers.map((entry, index) => providerOf(entry, `${file}: providers[${index}]`)),
      store: url === "" ? pglite({ dataDir }) : postgres({ url })
    }
  }
}

const readJson = (file: string): unknown => {
  let text
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    throw new Problem(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`)
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text around the fault.
    throw new Problem(`${file}: This is not JSON`)
  }
}
