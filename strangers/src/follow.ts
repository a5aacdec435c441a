import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { Browser } from "playwright-core"
import { freePort } from "../../test-support/postgres-server.ts"
import { callWithToken, connectGithub } from "./customer.ts"
import { addedLines, pageOrigin, walkOf } from "./page.ts"
import { runCommand, type Server, startServer } from "./shell.ts"
import { starters } from "./starters.ts"
import type { Vendors } from "./vendors.ts"

export interface Figures {
  readonly framework: string
  readonly starterSeconds: number
  readonly pageSeconds: number
  /** Of code in the host's process. */
  readonly lines: number
  /** Of the settings page. */
  readonly pageLines: number
  readonly files: ReadonlyArray<string>
}

export interface World {
  readonly browser: Browser
  readonly vendors: Vendors
  readonly databaseUrl: string
  /** Empty, and removed by the caller. */
  readonly folder: string
  /** Where `npm` finds the packages of this workspace. */
  readonly npmrc: string
  /** The tarball of `hawser`, whose name has no scope that could lead to a registry of its own. */
  readonly tarball: string
}

/** Milliseconds that a server has to answer for the first time. */
const startLimit = 120_000

/** Goes the whole way of a page. Rejects at the first step that does not do what the page says. */
export const follow = async (framework: string, world: World): Promise<Figures> => {
  const { browser, databaseUrl, folder, npmrc, tarball, vendors } = world
  const starter = starters[framework]
  if (starter === undefined) throw new Error(`There is no starter of ${framework}.`)
  const walk = walkOf(framework)
  const env = { npm_config_userconfig: npmrc }

  const began = performance.now()
  for (const command of starter.commands) await runCommand(command, { cwd: folder, env })
  const app = join(folder, "app")
  for (const [path, text] of Object.entries(starter.files ?? {})) place(join(app, path), text)

  const port = await freePort()
  const origin = `http://localhost:${port}`
  const client = { clientId: "Iv1.stranger", clientSecret: randomBytes(20).toString("hex") }
  vendors.simulator.register("github", {
    ...client,
    redirectUris: [`${origin}/v1/integrations/github/callback`]
  })
  const values = {
    PUBLIC_URL: origin,
    DATABASE_URL: databaseUrl,
    GITHUB_CLIENT_ID: client.clientId,
    GITHUB_CLIENT_SECRET: client.clientSecret,
    HAWSER_ENCRYPTION_KEY: randomBytes(32).toString("base64")
  }

  const ready = performance.now()
  const touched = new Map<string, number>()
  const linesOf = (kind: RegExp): number =>
    [...touched].reduce((sum, [path, lines]) => (kind.test(path) ? sum + lines : sum), 0)
  for (const block of walk.blocks) {
    if (block.kind === "commands") {
      for (const line of block.lines) await runCommand(installing(line, tarball), { cwd: app, env })
      continue
    }
    const { path, text } = block
    const file = join(app, path)
    const before = existsSync(file) ? readFileSync(file, "utf8") : ""
    console.log(`  ${before === "" ? "writes" : "replaces"} ${path}`)
    touched.set(path, addedLines(before, text))
    place(file, path === ".env" ? filledIn(text, values) : text)
  }

  const server = startServer(walk.start, {
    cwd: app,
    env: { ...env, ...vendors.environment, PORT: String(port) }
  })
  try {
    await answering(`${origin}/v1/integrations/catalog`, server)
    await connectGithub(browser, walk.settingsUrl.replace(pageOrigin, origin))
    await callWithToken(walk.callUrl.replace(pageOrigin, origin), vendors.simulator)
  } catch (error) {
    throw new Error(`${String(error)}\nThe server said:\n${server.output()}`, { cause: error })
  } finally {
    await server.stop()
  }
  const { violations } = vendors.simulator
  if (violations.length > 0) throw new Error(`GitHub refuses ${JSON.stringify(violations)}`)
  return {
    framework,
    starterSeconds: (ready - began) / 1000,
    pageSeconds: (performance.now() - ready) / 1000,
    lines: linesOf(/\.[jt]s$/),
    pageLines: linesOf(/\.(?:html|tsx)$/),
    files: [...touched.keys()]
  }
}

const place = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** The one deviation: `hawser` is not on a registry yet, so its tarball stands in place of its name. */
const installing = (line: string, tarball: string): string =>
  line.startsWith("npm install ") ? line.replace(/ hawser(?= |$)/, ` ${tarball}`) : line

/** What a reader fills in: every line of `.env`. */
const filledIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/^(\w+)=.*$/gm, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Nobody knows what to write for ${name} in .env.`)
    return `${name}=${value}`
  })

/** Waits until the server answers, or has ended. */
const answering = async (url: string, { early }: Server): Promise<void> => {
  const until = performance.now() + startLimit
  for (;;) {
    const answer = await Promise.race([fetch(url).catch(() => undefined), early])
    if (answer?.ok === true) return
    if (performance.now() > until) throw new Error(`${url} answers ${answer?.status ?? "nothing"}.`)
    await Promise.race([delay(100), early])
  }
}
