import { pagePath } from "./instance.ts"
import { type ModuleText, specifier, typed } from "./moduleText.ts"
import type { App } from "./readApp.ts"

/** The files that Next.js and Nest want in places of their own. */

export interface FrameworkFile {
  /** Without its extension. */
  readonly file: string
  readonly module: ModuleText
  readonly extension?: string
  /** Whether the host may have one of its own, which then gets what it needs by hand. */
  readonly mayBeTheirs?: boolean
}

const wire = `export { handle as DELETE, handle as GET, handle as HEAD, handle as POST, handle as PUT }`

/** The App Router's files, as docs/frameworks/nextjs.md has them, and the page. */
export const nextFiles = (app: App): ReadonlyArray<FrameworkFile> => {
  const { sources, style } = app
  const t = typed(style)
  const instance = `${sources}lib/hawser`
  const route = `${sources}app/v1/integrations/[[...path]]/route`
  const instrumentation = `${sources}instrumentation`
  const page = `${sources}app${pagePath}/page`
  return [
    {
      file: route,
      module: {
        imports: [{ from: specifier(route, instance, style), names: ["hawser"] }],
        body: `const handle = async (request${t(": Request")})${t(": Promise<Response>")} => {
  const { handler } = await hawser()
  return handler(request)
}

${wire}`
      }
    },
    {
      file: instrumentation,
      mayBeTheirs: true,
      module: {
        imports: [],
        body: `/** Next.js calls this once when the server starts: events are delivered and tokens kept alive before the first request. */
export const register = async ()${t(": Promise<void>")} => {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return
  const { hawser } = await import("${specifier(instrumentation, instance, style)}")
  // The next caller tries again.
  await hawser().catch((error${t(": unknown")}) => console.error("Hawser has not started.", error))
}`
      }
    },
    {
      file: page,
      extension: style.isTypeScript ? ".tsx" : ".jsx",
      module: {
        imports: [],
        body: `"use client"

import "@hawser/elements/react"

/** The page on which people connect providers. */
const Page = () => <hawser-integrations credentials="same-origin" />

export default Page`
      }
    }
  ]
}

/** Nest's module, as docs/frameworks/nestjs.md has it. */
export const nestFiles = (app: App): ReadonlyArray<FrameworkFile> => {
  const { sources, style } = app
  const file = `${sources}hawser.module`
  return [
    {
      file,
      module: {
        imports: [
          {
            from: "@nestjs/common",
            names: ["Global", "Inject", "Module"],
            types: ["OnApplicationShutdown"]
          },
          { from: "hawser", names: ["createHawser"], types: ["Hawser"] },
          { from: specifier(file, `${sources}hawser.config`, style), default: "options" }
        ],
        body: `/** Inject it with \`@Inject(HAWSER)\`. */
export const HAWSER = Symbol("Hawser")

@Global()
@Module({
  providers: [{ provide: HAWSER, useFactory: () => createHawser(options()) }],
  exports: [HAWSER]
})
export class HawserModule implements OnApplicationShutdown {
  @Inject(HAWSER) private readonly hawser!: Hawser

  async onApplicationShutdown(): Promise<void> {
    await this.hawser.close()
  }
}`
      }
    }
  ]
}
