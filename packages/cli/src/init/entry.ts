import type { Insertion } from "./change.ts"
import { importLine, type ModuleText, specifier } from "./moduleText.ts"
import type { App, Framework } from "./readApp.ts"
import { answersName, mountName, routesFile } from "./routes.ts"

/** The end of a call whose parenthesis opens at a place, past what stands in texts and comments. */
const endOfCall = (text: string, open: number): number | undefined => {
  const tokens =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[()]/g
  tokens.lastIndex = open
  let depth = 0
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (found[0] === "(") depth++
    if (found[0] === ")" && --depth === 0) return tokens.lastIndex
  }
  return undefined
}

const makers: Readonly<Record<Exclude<Framework, "next" | "node">, string>> = {
  express: "express",
  fastify: `(?:[Ff]astify|require\\(["']fastify["']\\))`,
  hono: "new\\s+Hono",
  nest: "await\\s+NestFactory\\s*\\.\\s*create"
}

interface Made {
  /** The variable that holds the app. */
  readonly name: string
  readonly indent: string
  /** The end of the line that makes it. */
  readonly at: number
}

/** The one statement that makes the app; undefined if there are several, or it does more. */
const madeIn = (text: string, framework: keyof typeof makers): Made | undefined => {
  const statement = new RegExp(
    `^([ \\t]*)(?:export\\s+)?(?:const|let|var)\\s+(\\w+)(?:\\s*:[^=\\n]+)?\\s*=\\s*${makers[framework]}\\s*(?:<[^>()]*>)?\\s*\\(`,
    "gm"
  )
  const found = [...text.matchAll(statement)]
  const [one] = found
  if (one === undefined || found.length > 1) return undefined
  const end = endOfCall(text, one.index + one[0].length - 1)
  const rest =
    end === undefined ? null : /^[ \t]*;?[ \t]*(?:\/\/[^\n]*)?(?=\n|$)/.exec(text.slice(end))
  if (end === undefined || rest === null) return undefined
  return { name: one[2] ?? "", indent: one[1] ?? "", at: end + rest[0].length }
}

/** The app as fastify-cli has it: a plugin, which it starts itself. */
const pluginIn = (text: string): Made | undefined => {
  const [one] = text.matchAll(
    /^(?:export\s+default|module\.exports\s*=)\s*async\s+function\s*\w*\s*\(\s*(\w+)[^)]*\)[^{\n]*\{/gm
  )
  return one === undefined
    ? undefined
    : { name: one[1] ?? "", indent: "  ", at: one.index + one[0].length }
}

/** A listener that is written where the server is made. */
const listenerOf =
  /createServer\s*\(\s*(?:async\s+)?(?:function\s*\w*\s*)?\(\s*(\w+)\s*(?::[^,)]+)?,\s*(\w+)\s*(?::[^,)]+)?\)\s*(?::\s*[\w<>]+\s*)?(?:=>\s*)?\{/g

/** Where a new import goes: below the last one, or at the top. */
const importPlace = (text: string): number => {
  const imports = [
    ...text.matchAll(/^import\b[^;]*?["'][^"'\n]+["'][^\S\n]*;?[^\S\n]*$/gm),
    ...text.matchAll(/^(?:const|let|var)\b[^\n]*\brequire\([^\n]*$/gm)
  ]
  const ends = imports.map((one) => one.index + one[0].length)
  return ends.length === 0
    ? (/^(?:#![^\n]*\n)?(?:["']use strict["'];?\n)?/.exec(text)?.[0].length ?? 0)
    : Math.max(...ends)
}

/** As the host writes: with semicolons or not, with which quotes. */
const inTheirWay = (line: string, text: string): string => {
  const quoted =
    /["']use strict|(?:from|require\()\s*'/.test(text) && !/(?:from|require\()\s*"/.test(text)
  const semicolon = /;[^\S\n]*$/m.test(text) ? ";" : ""
  return (quoted ? line.replaceAll('"', "'") : line) + semicolon
}

const mounted = ({ framework }: App, name: string): string => {
  if (framework === "fastify") return `${name}.register(${mountName})`
  return `${framework === "nest" ? "await " : ""}${mountName}(${name})`
}

export interface EntryChange {
  readonly file: string
  readonly before: string
  readonly parts: ReadonlyArray<Insertion>
}

/** The lines that somebody has to add where init finds no place for them. */
export const linesByHand = (app: App, file: string): ReadonlyArray<string> => [
  importLine(imported(app, file), app.style),
  app.framework === "node" ? `if (${answersName}(request, response)) return` : mounted(app, "app")
]

const imported = (app: App, file: string) => ({
  from: specifier(file, routesFile(app), app.style),
  names: [app.framework === "node" ? answersName : mountName]
})

export const isMounted = (text: string): boolean => text.includes("hawserRoutes")

/** What the file that makes the server gets: an import and one line. Undefined if there is no certain place for them. */
export const changedEntry = (
  app: App,
  { file, text }: { readonly file: string; readonly text: string }
): EntryChange | undefined => {
  const { framework } = app
  if (framework === "next") return undefined
  const place = importPlace(text)
  const line = inTheirWay(importLine(imported(app, file), app.style), text)
  const isFirst = place === 0 || text[place - 1] === "\n"
  const head = { at: place, text: isFirst ? `${line}\n` : `\n${line}` }
  if (framework === "node") {
    const found = [...text.matchAll(listenerOf)]
    const [one] = found
    if (one === undefined || found.length > 1) return undefined
    const lineStart = text.lastIndexOf("\n", one.index) + 1
    const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? ""
    const call = inTheirWay(`if (${answersName}(${one[1]}, ${one[2]})) return`, text)
    return {
      file,
      before: text,
      parts: [head, { at: one.index + one[0].length, text: `\n${indent}  ${call}` }]
    }
  }
  const made = madeIn(text, framework) ?? (framework === "fastify" ? pluginIn(text) : undefined)
  if (made === undefined || made.at < place) return undefined
  const call = inTheirWay(mounted(app, made.name), text)
  return { file, before: text, parts: [head, { at: made.at, text: `\n${made.indent}${call}` }] }
}

const listening = `const port = Number(process.env["PORT"] ?? 3000)`
const says = 'console.log(`Open ${process.env["PUBLIC_URL"]}/settings/integrations`)'

/** The file that makes the server, for an app that has none yet. */
export const newEntry = (app: App, file: string): ModuleText => {
  const routes = imported(app, file)
  switch (app.framework) {
    case "express":
      return {
        imports: [{ from: "express", default: "express" }, routes],
        body: `const app = express()
${mounted(app, "app")}

${listening}
app.listen(port, "localhost", () => ${says})`
      }
    case "fastify":
      return {
        imports: [{ from: "fastify", names: ["fastify"] }, routes],
        body: `const app = fastify()
${mounted(app, "app")}

${listening}
app.listen({ port, host: "localhost" }).then(() => ${says})`
      }
    case "hono":
      return {
        imports: [
          { from: "@hono/node-server", names: ["serve"] },
          { from: "hono", names: ["Hono"] },
          routes
        ],
        body: `const app = new Hono()
${mounted(app, "app")}

${listening}
serve({ fetch: app.fetch, port, hostname: "localhost" }, () => ${says})`
      }
    case "node":
    case "nest":
    case "next":
      return {
        imports: [{ from: "node:http", names: ["createServer"] }, routes],
        body: `const server = createServer((request, response) => {
  if (${answersName}(request, response)) return
  response.writeHead(404).end()
})

${listening}
server.listen(port, "localhost", () => ${says})`
      }
  }
}
