import { pagePath } from "./instance.ts"
import { handlerOf, type Import, type ModuleText, specifier, typed } from "./moduleText.ts"
import type { App } from "./readApp.ts"

const scriptPath = `${pagePath}/elements.js`

/** The page, for frameworks without pages of their own. */
const page = `/** The page on which people connect providers. Put the element into a page of your own when you have one. */
const page = \`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Integrations</title>
    <script type="module" src="${scriptPath}"></script>
  </head>
  <body>
    <h1>Integrations</h1>
    <hawser-integrations credentials="same-origin"></hawser-integrations>
  </body>
</html>
\`

const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
}`

/** The file of the elements, found as the host's modules are. */
const script = ({
  style
}: App): { readonly imports: ReadonlyArray<Import>; readonly text: string } => {
  const named = `"@hawser/elements/standalone"`
  const readFile: Import = { from: "node:fs", names: ["readFileSync"] }
  if (style.isEsm) {
    return {
      imports: [readFile],
      text: `const script = readFileSync(new URL(import.meta.resolve(${named})), "utf8")`
    }
  }
  if (!style.isTypeScript)
    return {
      imports: [readFile],
      text: `const script = readFileSync(require.resolve(${named}), "utf8")`
    }
  // A tool that compiles it may make an ES module or CommonJS of it.
  return {
    imports: [readFile, { from: "node:module", names: ["createRequire"] }],
    text: `const script = readFileSync(
  createRequire(\`\${process.cwd()}/package.json\`).resolve(${named}),
  "utf8"
)`
  }
}

/** The page as a listener of `node:http`, which Express takes too. */
const listener = ({ style }: App): string => {
  const t = typed(style)
  return `const servePage = (request${t(": IncomingMessage")}, response${t(": ServerResponse")})${t(": void")} => {
  const isScript = request.url?.split("?")[0]?.endsWith("/elements.js")
  const type = isScript ? "text/javascript" : "text/html; charset=utf-8"
  response.writeHead(200, { ...headers, "content-type": type })
  response.end(isScript ? script : page)
}`
}

const listenerTypes: Import = { from: "node:http", types: ["IncomingMessage", "ServerResponse"] }

/** Where modules cannot wait for it, Hawser starts beside the server. */
const beside = ({ style }: App): string =>
  style.isEsm
    ? ""
    : `  // The next caller tries again.
  hawser().catch((error${typed(style)(": unknown")}) => console.error("Hawser has not started.", error))
`

/** The name of the module with the mount, beside the one with the instance. */
export const routesFile = ({ sources }: App): string => `${sources}hawserRoutes`

/** What the entry calls. */
export const mountName = "mountHawser"
export const answersName = "answeredByHawser"

/** The page and its script, and what a framework has of its own: `code`, what that imports, and where Hawser comes from. */
const withPage = (
  app: App,
  {
    code,
    hawser = {
      from: specifier(routesFile(app), `${app.sources}hawser`, app.style),
      names: ["hawser"]
    },
    imports,
    types = []
  }: {
    readonly code: string
    readonly hawser?: Import
    readonly imports: ReadonlyArray<Import>
    readonly types?: ReadonlyArray<Import>
  }
): ModuleText => {
  const { imports: ofScript, text } = script(app)
  return {
    imports: [...imports, ...ofScript, ...types, hawser],
    body: `${page}\n\n${text}\n\n${code}`
  }
}

const express = (app: App): ModuleText => {
  const t = typed(app.style)
  return withPage(app, {
    imports: [
      { from: "@hawser/express", names: ["expressHandler"] },
      { from: "express", types: ["Express"] }
    ],
    types: [listenerTypes],
    code: `${listener(app)}

/** Answers /v1/integrations and the page. If middleware signs your users in, call this below it. */
export const ${mountName} = (app${t(": Express")})${t(": void")} => {
  app.use("/v1/integrations", expressHandler(${handlerOf(app)}))
  app.use("${pagePath}", servePage)
${beside(app)}}`
  })
}

const node = (app: App): ModuleText => {
  const t = typed(app.style)
  return withPage(app, {
    imports: [{ from: "hawser", names: ["nodeHandler"] }],
    types: [listenerTypes],
    code: `${listener(app)}

const integrations = nodeHandler(${handlerOf(app)})

/** Answers /v1/integrations and the page. False if the request is for something else. */
export const ${answersName} = (request${t(": IncomingMessage")}, response${t(": ServerResponse")})${t(": boolean")} => {
  if (request.url?.startsWith("/v1/integrations")) integrations(request, response)
  else if (request.url?.startsWith("${pagePath}")) servePage(request, response)
  else return false
  return true
}
${app.style.isEsm ? "" : `\n// The next caller tries again.\nhawser().catch((error${t(": unknown")}) => console.error("Hawser has not started.", error))\n`}`
  })
}

const fastify = (app: App): ModuleText => {
  const { style } = app
  const t = typed(style)
  const close = style.isEsm ? "hawser.close()" : "hawser().then((running) => running.close())"
  return withPage(app, {
    imports: [
      { from: "@hawser/fastify", names: ["fastifyHawser"] },
      { from: "fastify", types: ["FastifyInstance"] }
    ],
    code: `/** A plugin that answers /v1/integrations and the page. */
export const ${mountName} = async (app${t(": FastifyInstance")})${t(": Promise<void>")} => {
  await app.register(fastifyHawser(${handlerOf(app)}), { prefix: "/v1/integrations" })
  app.get("${pagePath}", (_request, reply) =>
    reply.headers(headers).type("text/html; charset=utf-8").send(page)
  )
  app.get("${scriptPath}", (_request, reply) =>
    reply.headers(headers).type("text/javascript").send(script)
  )
  app.addHook("onClose", () => ${close})
${beside(app)}}`
  })
}

const hono = (app: App): ModuleText => {
  const { dependencies, style } = app
  const t = typed(style)
  // Other runtimes have addresses of their own.
  const isOnNode = dependencies.has("@hono/node-server")
  const address = isOnNode
    ? `    const clientAddress = getConnInfo(c).remote.address
    return HANDLER(await cloneRawRequest(c.req), { native: c, clientAddress })`
    : `    return HANDLER(await cloneRawRequest(c.req), { native: c })`
  return withPage(app, {
    imports: [
      ...(isOnNode ? [{ from: "@hono/node-server/conninfo", names: ["getConnInfo"] }] : []),
      { from: "hono", types: ["Env", "Hono"] },
      { from: "hono/request", names: ["cloneRawRequest"] }
    ],
    code: `/** Answers /v1/integrations and the page. If middleware signs your users in, call this below it. */
export const ${mountName} = ${t("<E extends Env>")}(app${t(": Hono<E>")})${t(": void")} => {
  app.all("/v1/integrations/*", async (c) => {
${address.replace("HANDLER", style.isEsm ? "hawser.handler" : "(await hawser()).handler")}
  })
  app.get("${pagePath}", (c) => c.html(page, 200, headers))
  app.get("${scriptPath}", (c) =>
    c.body(script, 200, { ...headers, "content-type": "text/javascript" })
  )
${beside(app)}}`
  })
}

const nest = (app: App): ModuleText => {
  const t = typed(app.style)
  const isFastify = app.dependencies.has("@nestjs/platform-fastify")
  const platform = isFastify
    ? {
        imports: [
          { from: "@hawser/fastify", names: ["fastifyHawser"] },
          { from: "@nestjs/platform-fastify", types: ["NestFastifyApplication"] }
        ],
        type: "NestFastifyApplication",
        page: "",
        mount: `  const { handler } = app.get${t("<Hawser>")}(HAWSER)
  await app.register(fastifyHawser(handler), { prefix: "/v1/integrations" })
  const server = app.getHttpAdapter().getInstance()
  server.get("${pagePath}", (_request, reply) =>
    reply.headers(headers).type("text/html; charset=utf-8").send(page)
  )
  server.get("${scriptPath}", (_request, reply) =>
    reply.headers(headers).type("text/javascript").send(script)
  )`
      }
    : {
        imports: [
          { from: "@hawser/express", names: ["expressHandler"] },
          { from: "@nestjs/common", types: ["INestApplication"] },
          listenerTypes
        ],
        type: "INestApplication",
        page: `${listener(app)}\n\n`,
        mount: `  app.use("/v1/integrations", expressHandler(app.get${t("<Hawser>")}(HAWSER).handler))
  app.use("${pagePath}", servePage)`
      }
  return withPage(app, {
    imports: [...platform.imports, { from: "hawser", types: ["Hawser"] }],
    hawser: {
      from: specifier(routesFile(app), `${app.sources}hawser.module`, app.style),
      names: ["HAWSER"]
    },
    code: `${platform.page}/** Answers /v1/integrations and the page. If middleware signs your users in, call this below it, and before \`listen\`. */
export const ${mountName} = async (app${t(`: ${platform.type}`)})${t(": Promise<void>")} => {
${platform.mount}
  app.enableShutdownHooks()
}`
  })
}

/** The module that mounts Hawser and serves the page. */
export const routesModule = (app: App): ModuleText => {
  switch (app.framework) {
    case "express":
      return express(app)
    case "fastify":
      return fastify(app)
    case "hono":
      return hono(app)
    case "nest":
      return nest(app)
    case "node":
    case "next":
      return node(app)
  }
}
