import { build } from "esbuild"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { createInterface } from "node:readline"
import { basename, join } from "node:path"
import { json, text } from "node:stream/consumers"
import { parseEnv } from "node:util"
import { describe, expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import {
  compiler,
  filesIn,
  hawser,
  hawserJson,
  hostFolder,
  install,
  typeCheck,
  workspace
} from "./support/cli.ts"

const nextjs = join(workspace, "examples/nextjs")

const manifest = (dependencies: ReadonlyArray<string>, type?: "module"): string =>
  JSON.stringify({ type, dependencies: Object.fromEntries(dependencies.map((one) => [one, "*"])) })

/** Says at which port a server listens, and lets it listen at a free one. */
const preload = `import { Server } from "node:net"
const listen = Server.prototype.listen
Server.prototype.listen = function (...args) {
  this.once("listening", () => console.log("Port " + this.address().port))
  return listen.apply(this, args)
}`

const publicUrl = "http://localhost:3000"

/** Starts an app of init's with its own variables, and with a client that a person would fill in. */
const startApp = async (
  folder: string,
  file: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {}
) => {
  const variables = parseEnv(readFileSync(join(folder, ".env"), "utf8"))
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(preload)}`, file],
    {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        ...variables,
        DATABASE_URL: databaseUrl,
        GITHUB_CLIENT_ID: "the-client",
        GITHUB_CLIENT_SECRET: "the-secret",
        PORT: "0",
        ...more
      },
      stdio: ["ignore", "pipe", "pipe"]
    }
  )
  const closed = once(child, "close")
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await closed
  })
  const stderr = text(child.stderr)
  const early = closed.then(async () => {
    throw new Error(`The app has ended: ${await stderr}`)
  })
  early.catch(() => {})
  const lines = createInterface({ input: child.stdout })
  const port = new Promise<number>((resolve) => {
    lines.on("line", (line) => {
      const [, found] = /^Port (\d+)$/.exec(line) ?? []
      if (found !== undefined) resolve(Number(found))
    })
  })
  return Promise.race([port, early])
}

/** What a browser on this machine asks; `host` is what stands in its address bar. */
const ask = async (
  port: number,
  path: string,
  {
    body,
    host = "localhost:3000",
    method = "GET"
  }: { body?: object; host?: string; method?: string } = {}
) => {
  const asked = request({
    host: "localhost",
    port,
    path,
    method,
    headers: {
      host,
      origin: `http://${host}`,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json"
    }
  })
  asked.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = (await once(asked, "response")) as [IncomingMessage]
  return response
}

/** The app as a person on this machine meets it: the page, its script, and the start of a flow. */
const expectServed = async (port: number): Promise<void> => {
  const page = await ask(port, "/settings/integrations")
  expect(page.headers["content-security-policy"]).toContain("script-src 'self'")
  const html = await text(page)
  expect(html).toContain('<hawser-integrations credentials="same-origin">')
  const [, src = ""] = /<script type="module" src="([^"]+)">/.exec(html) ?? []
  const script = await ask(port, src)
  expect(script.headers["content-type"]).toContain("text/javascript")
  expect(await text(script)).toContain("hawser-integrations")

  const connect = () =>
    ask(port, "/v1/integrations/github/connect", {
      method: "POST",
      body: { redirectUrl: `${publicUrl}/settings/integrations` }
    })
  const begun = await connect()
  const { authorizationUrl } = (await json(begun)) as { readonly authorizationUrl: string }
  const url = new URL(authorizationUrl)
  expect(url.origin).toBe("https://github.com")
  expect(url.searchParams.get("client_id")).toBe("the-client")
  expect(url.searchParams.get("redirect_uri")).toBe(`${publicUrl}/v1/integrations/github/callback`)
  // A name of somebody else's that leads to this machine signs nobody in.
  const rebound = await ask(port, "/v1/integrations", { host: "evil.example:3000" })
  rebound.resume()
  expect(rebound.statusCode).toBe(401)
}

const expressApp = `import express from "express"

const app = express()
app.use(express.json())
app.get("/", (_request, response) => void response.send("the host's own"))
app.listen(Number(process.env["PORT"]), "localhost")
`

const honoApp = `import { serve } from "@hono/node-server"
import { Hono } from "hono"

export const app = new Hono<{ Variables: { own: string } }>()
app.get("/", (c) => c.text("the host's own"))
serve({ fetch: app.fetch, port: Number(process.env["PORT"]), hostname: "localhost" })
`

const fastifyApp = `import { fastify } from "fastify"

const build = () => {
  const app = fastify({
    // Of the host's own.
    trustProxy: "loopback" // (never all)
  })
  app.get("/", async () => "the host's own")
  return app
}

build().listen({ port: Number(process.env["PORT"]), host: "localhost" })
`

const nestApp = {
  "src/main.ts": `import "reflect-metadata"
import { NestFactory } from "@nestjs/core"
import { AppModule } from "./app.module.ts"

const bootstrap = async () => {
  const app = await NestFactory.create(AppModule, { logger: false })
  await app.listen(Number(process.env["PORT"]), "localhost")
}
void bootstrap()
`,
  "src/app.module.ts": `import { Module } from "@nestjs/common"

@Module({ imports: [] })
export class AppModule {}
`
}

const installForHost = (folder: string, names: ReadonlyArray<string>): void => {
  install(folder, [...names, "@hawser/elements"])
  install(folder, ["@types/node"], workspace)
}

const init = ["init", "--yes"]

/** Hosts of every framework, as small as they come. */
const hosts = {
  express: {
    installed: ["express", "@types/express", "@hawser/express"],
    files: { "package.json": manifest(["express"], "module"), "src/server.ts": expressApp },
    start: "src/server.ts"
  },
  fastify: {
    installed: ["fastify", "@hawser/fastify"],
    files: { "package.json": manifest(["fastify"], "module"), "src/app.ts": fastifyApp },
    start: "src/app.ts"
  },
  hono: {
    installed: ["hono", "@hono/node-server"],
    files: {
      "package.json": manifest(["hono", "@hono/node-server"], "module"),
      "src/index.ts": honoApp
    },
    start: "src/index.ts"
  },
  nest: {
    installed: [
      "@nestjs/common",
      "@nestjs/core",
      "@nestjs/platform-express",
      "@hawser/express",
      "reflect-metadata",
      "rxjs",
      "express",
      "@types/express"
    ],
    files: { "package.json": manifest(["@nestjs/core"], "module"), ...nestApp },
    start: "src/main.ts"
  }
} as const

/** Node removes types and knows no decorators. */
const withoutDecorators = async (folder: string, file: string): Promise<string> => {
  const outfile = join(folder, "dist/main.mjs")
  await build({
    entryPoints: [join(folder, file)],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    tsconfig: join(folder, "tsconfig.json")
  })
  return outfile
}

describe.each(Object.entries(hosts))(
  "hawser init in an app of %s",
  (name, { files, installed, start }) => {
    it("writes code that compiles, and an app that serves the page and starts a flow; again, it changes nothing", async () => {
      const folder = hostFolder({ ...files, "tsconfig.json": compiler })
      installForHost(folder, installed)
      const first = await hawserJson(folder, init)
      expect(first).toMatchObject({
        code: 0,
        answer: { framework: name, language: "typescript", modules: "esm", written: true }
      })
      const written = filesIn(folder)
      expect(await hawserJson(folder, init)).toMatchObject({
        code: 0,
        answer: { changes: [], written: false }
      })
      expect(filesIn(folder)).toEqual(written)

      expect(typeCheck(folder)).toBe("")
      const { url } = await createDatabase()
      const entry = name === "nest" ? await withoutDecorators(folder, start) : start
      await expectServed(await startApp(folder, entry, url))
      // The command line finds the options that it wrote.
      expect(await hawserJson(folder, ["check"], { env: { DATABASE_URL: url } })).toMatchObject({
        code: 0,
        answer: { upToDate: true }
      })
    }, 120_000)
  }
)

describe("hawser init in an app without a server", () => {
  it.each([
    ["commonjs", "pglite", ["@electric-sql/pglite"]],
    ["esm", "postgres", []]
  ])(
    "of plain Node in %s, on %s, writes a whole one",
    async (modules, store, installed) => {
      const folder = hostFolder({
        "package.json": manifest([], modules === "esm" ? "module" : undefined)
      })
      installForHost(folder, installed)
      expect(await hawserJson(folder, [...init, "--store", store])).toMatchObject({
        code: 0,
        answer: { framework: "node", language: "javascript", modules, entry: null }
      })
      const { url } = await createDatabase()
      await expectServed(await startApp(folder, "server.js", url))
    },
    120_000
  )
})

it("what init has written signs nobody in where NODE_ENV is production", async () => {
  const folder = hostFolder({ "package.json": manifest([], "module") })
  installForHost(folder, [])
  expect((await hawserJson(folder, init)).code).toBe(0)
  const { url } = await createDatabase()
  const port = await startApp(folder, "server.js", url, { NODE_ENV: "production" })
  const listed = await ask(port, "/v1/integrations")
  listed.resume()
  expect(listed.statusCode).toBe(401)
}, 60_000)

/** Of util-linux: it gives a command a terminal. */
const script = "/usr/bin/script"

describe.skipIf(process.platform !== "linux" || !existsSync(script))("on a terminal, init", () => {
  it.each([
    ["y", 0],
    ["n", 1],
    ["\u0003", 130]
  ])("shows the change and asks: %j ends with %i", async (key, code) => {
    const files = { "package.json": manifest(["express"], "module"), "src/server.ts": expressApp }
    const folder = hostFolder(files)
    const command = `'${process.execPath}' node_modules/hawser/dist/bin.js init`
    const child = spawn(script, ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: folder
    })
    const closed = once(child, "close")
    onTestFinished(async () => {
      child.kill("SIGKILL")
      await closed
    })
    let shown = ""
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      const before = shown
      shown += part
      if (shown.includes("Write this?") && !before.includes("Write this?")) child.stdin.write(key)
    })
    expect(await closed).toEqual([code, null])
    expect(shown).toContain("+ import { mountHawser }")
    const written = Object.keys(filesIn(folder)).includes("src/hawser.ts")
    expect(written).toBe(code === 0)
  })
})

describe("hawser init", () => {
  it("shows the change, and without --yes or a terminal writes nothing and ends with 1", async () => {
    const files = { "package.json": manifest(["express"], "module"), "src/server.ts": expressApp }
    const folder = hostFolder(files)
    const { code, stdout } = await hawser(folder, ["init"])
    expect(code).toBe(1)
    expect(stdout).toContain('  + import { mountHawser } from "./hawserRoutes.ts"')
    expect(stdout).toContain("Nothing was written.\nNext: npx hawser init --yes writes it.")
    expect(filesIn(folder)).toEqual(files)
  })

  it("looks for the server in the app's folder alone, and takes no folder for it", async () => {
    const files = { "server.ts": expressApp }
    const other = hostFolder(files)
    const scripts = { start: `node ../${basename(other)}/server.ts` }
    const dependencies = { express: "*" }
    const folder = hostFolder({
      "package.json": JSON.stringify({ type: "module", main: "lib", scripts, dependencies }),
      "lib/read.me": ""
    })
    expect(await hawserJson(folder, init)).toMatchObject({ code: 0, answer: { entry: null } })
    expect(filesIn(other)).toEqual(files)
  })

  it("says what to register, what to install and what to fill in", async () => {
    const folder = hostFolder({
      "package.json": manifest(["express"], "module"),
      "pnpm-lock.yaml": "",
      ".env": 'export PUBLIC_URL="https://app.example.com"'
    })
    const { code, stdout } = await hawser(folder, [...init, "--providers", "slack, datadog"])
    expect(code).toBe(0)
    expect(stdout).toContain(
      "Slack: the redirect (or callback) URL https://app.example.com/v1/integrations/slack/callback"
    )
    expect(stdout).not.toContain("datadog/callback")
    expect(stdout).toContain("pnpm add hawser @hawser/elements @hawser/express")
    expect(stdout).toContain("Fill in .env: DATABASE_URL, SLACK_CLIENT_ID, SLACK_CLIENT_SECRET.")
    expect(filesIn(folder)[".env"]).toMatch(/^export PUBLIC_URL="https:\/\/app\.example\.com"\n/)
    expect(filesIn(folder)[".env"]).not.toContain("PUBLIC_URL=http:")
  })

  it.each([
    ["the instance", { "src/hawser.ts": "export const theirs = 1" }],
    ["the routes", { "src/hawserRoutes.ts": "export const theirs = 1" }],
    ["options elsewhere", { "lib/hawser.js": "export default {}" }]
  ])("never writes over a file of the host's: %s", async (_, theirs) => {
    const files = {
      "package.json": manifest(["express"], "module"),
      "src/server.ts": expressApp,
      ...theirs
    }
    const folder = hostFolder(files)
    const { answer, code } = await hawserJson(folder, init)
    expect(code).toBe(1)
    expect(answer).toMatchObject({ error: { code: "file_in_the_way" } })
    expect(filesIn(folder)).toEqual(files)
  })

  it("leaves what the host has made of its files as it is", async () => {
    const folder = hostFolder({ "package.json": manifest([], "module") })
    await hawser(folder, init)
    const changed = `${filesIn(folder)["hawser.js"]}// changed\n`
    writeFileSync(join(folder, "hawser.js"), changed)
    expect(await hawserJson(folder, init)).toMatchObject({ code: 0, answer: { changes: [] } })
    expect(filesIn(folder)["hawser.js"]).toBe(changed)
  })

  it("only adds to the file that makes the server, in its own way of writing", async () => {
    const theirs = "'use strict';\nconst express = require('express');\nconst app = express();\n"
    const folder = hostFolder({ "package.json": manifest(["express"]), "index.js": theirs })
    await hawser(folder, init)
    expect(filesIn(folder)["index.js"]).toBe(
      `'use strict';
const express = require('express');
const { mountHawser } = require('./hawserRoutes.js');
const app = express();
mountHawser(app);
`
    )
  })

  it("adds to the plugin that fastify-cli starts", async () => {
    const theirs = `import AutoLoad from '@fastify/autoload'

export const options = {}

export default async function (fastify, opts) {
  fastify.register(AutoLoad, opts)
}
`
    const folder = hostFolder({
      "package.json": manifest(["fastify", "fastify-cli"], "module"),
      "app.js": theirs
    })
    expect(await hawserJson(folder, init)).toMatchObject({ code: 0, answer: { entry: "app.js" } })
    expect(filesIn(folder)["app.js"]).toBe(
      theirs
        .replace("autoload'\n", "autoload'\nimport { mountHawser } from './hawserRoutes.js'\n")
        .replace("opts) {\n", "opts) {\n  fastify.register(mountHawser)\n")
    )
  })

  it("leaves a server alone in which it finds no certain place, and says which lines to add", async () => {
    const theirs = "import express from 'express'\nexport const make = () => express().use(x)\n"
    const folder = hostFolder({ "package.json": manifest(["express"], "module"), "app.js": theirs })
    const { code, stdout } = await hawser(folder, init)
    expect(code).toBe(0)
    expect(stdout).toContain("init finds no certain place in app.js")
    expect(stdout).toContain("mountHawser(app)")
    expect(filesIn(folder)["app.js"]).toBe(theirs)
  })
})

describe("the key that init makes", () => {
  const git = (folder: string, ...args: ReadonlyArray<string>): string =>
    execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    })

  it("stands in .env alone, which git leaves out from then on, and is never printed", async () => {
    const folder = hostFolder({
      "package.json": manifest([], "module"),
      ".gitignore": "node_modules"
    })
    git(folder, "init")
    // With the diff of everything.
    const { code, stderr, stdout } = await hawser(folder, [...init, "--json"])
    expect(code).toBe(0)
    expect(stdout).toContain("HAWSER_ENCRYPTION_KEY=[a fresh key]")
    const { HAWSER_ENCRYPTION_KEY: key = "" } = parseEnv(filesIn(folder)[".env"] ?? "")
    expect(Buffer.from(key, "base64")).toHaveLength(32)
    git(folder, "add", "--all")
    const committed = git(folder, "ls-files").trim().split("\n")
    expect(committed).toContain("hawser.js")
    expect(committed).not.toContain(".env")
    expect(Object.entries(filesIn(folder)).filter(([, content]) => content.includes(key))).toEqual([
      [".env", expect.any(String)]
    ])
    expect(stdout + stderr).not.toContain(key)
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600)
    expect(filesIn(folder)[".gitignore"]).toBe("node_modules\n.env\n")
  })

  it("is shown with none of the host's own variables around it", async () => {
    const folder = hostFolder({
      "package.json": manifest([], "module"),
      ".env": "STRIPE_KEY=sk_live_of_the_host"
    })
    const { stdout } = await hawser(folder, ["init"])
    expect(stdout).toContain("  + HAWSER_ENCRYPTION_KEY=[a fresh key]")
    expect(stdout).not.toContain("sk_live")
  })

  it("is written nowhere if git has .env already", async () => {
    const files = {
      "package.json": manifest([], "module"),
      ".env": "A=1\n",
      ".gitignore": ".env\n"
    }
    const folder = hostFolder(files)
    git(folder, "init")
    git(folder, "add", "--force", ".env")
    expect(await hawserJson(folder, init)).toMatchObject({
      code: 1,
      answer: { error: { code: "env_file_committed" } }
    })
    expect(filesIn(folder)).toEqual(files)
  })
})

describe("hawser init says what it cannot do, and ends with 1", () => {
  it.each([
    ["no package.json", {}, [], "no_app"],
    [
      "a provider that is not there",
      { "package.json": "{}" },
      ["--providers", "gihtub"],
      "provider_unknown"
    ],
    [
      "a provider whose clients are the tenants' own",
      { "package.json": "{}" },
      ["--providers", "jira-data-center"],
      "provider_by_hand"
    ],
    [
      "Next.js without the App Router",
      { "package.json": manifest(["next"]), "pages/index.js": "" },
      [],
      "next_without_app_router"
    ]
  ] as const)("%s", async (_, files, args, code) => {
    const folder = hostFolder(files)
    const { answer, code: exit } = await hawserJson(folder, [...init, ...args])
    expect(exit).toBe(1)
    expect(answer).toMatchObject({ error: { code } })
    expect(filesIn(folder)).toEqual(files)
  })
})

describe("what init writes is what docs/frameworks shows", () => {
  const fences = (page: string): ReadonlyArray<string> =>
    [
      ...readFileSync(join(workspace, `docs/frameworks/${page}.md`), "utf8").matchAll(
        /^```(?:ts|typescript|tsx)\n(?<code>.*?)^```$/gms
      )
    ].map(({ groups }) => groups?.["code"] ?? "")

  const written = async (name: keyof typeof hosts | "node") => {
    const files = name === "node" ? { "package.json": manifest([], "module") } : hosts[name].files
    const folder = hostFolder({ ...files, "tsconfig.json": compiler })
    await hawser(folder, init)
    return filesIn(folder)
  }

  /** The statements in which Hawser is mounted. */
  it.each([
    [
      "express",
      "src/hawserRoutes.ts",
      ['app.use("/v1/integrations", expressHandler(hawser.handler))']
    ],
    [
      "fastify",
      "src/hawserRoutes.ts",
      [
        'await app.register(fastifyHawser(hawser.handler), { prefix: "/v1/integrations" })',
        'app.addHook("onClose", () => hawser.close())'
      ]
    ],
    [
      "hono",
      "src/hawserRoutes.ts",
      [
        `app.all("/v1/integrations/*", async (c) => {
  const clientAddress = getConnInfo(c).remote.address
  return hawser.handler(await cloneRawRequest(c.req), { native: c, clientAddress })
})`
      ]
    ],
    ["node", "hawserRoutes.ts", ["const integrations = nodeHandler(hawser.handler)"]],
    [
      "nest",
      "src/hawserRoutes.ts",
      [
        'app.use("/v1/integrations", expressHandler(app.get<Hawser>(HAWSER).handler))',
        "app.enableShutdownHooks()"
      ]
    ]
  ] as const)("%s", async (name, file, statements) => {
    const files = await written(name)
    const code = files[file]?.replaceAll(/^ +/gm, "") ?? ""
    const page = fences(name === "nest" ? "nestjs" : name)
      .join("\n")
      .replaceAll(/^ +/gm, "")
    for (const statement of statements) {
      const flat = statement.replaceAll(/^ +/gm, "")
      expect(code).toContain(flat)
      expect(page).toContain(flat)
    }
  })

  it("nest, whose module is the page's", async () => {
    const files = await written("nest")
    const [, ...rest] = (files["src/hawser.module.ts"] ?? "").split("\n")
    expect(fences("nestjs")).toContain(rest.join("\n"))
  })

  it("next, whose route and instrumentation are the page's, and compile", async () => {
    const layout = readFileSync(join(nextjs, "src/app/layout.tsx"), "utf8")
    const folder = hostFolder({
      "package.json": manifest(["next", "react"]),
      "src/app/layout.tsx": layout,
      "tsconfig.json": compiler.replace("nodenext", "preserve")
    })
    installForHost(folder, [])
    install(folder, ["next", "react", "react-dom", "@types/react"], nextjs)
    expect(await hawserJson(folder, init)).toMatchObject({ code: 0, answer: { framework: "next" } })
    expect(typeCheck(folder)).toBe("")
    const files = filesIn(folder)
    expect(files[".gitignore"]).toBe(".env.local\n")
    for (const file of ["src/app/v1/integrations/[[...path]]/route.ts", "src/instrumentation.ts"]) {
      const own = (files[file] ?? "").split("\n").slice(1).join("\n").trimStart()
      expect(fences("nextjs")).toContain(own)
    }
  })
})
