import type { Handler } from "@hawser/node"
import express, { type Express, type RequestHandler } from "express"
import express4, { type RequestHandler as RequestHandler4 } from "express4"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { clientAddressOf, speak } from "../../../test-support/mount-traps-host.ts"
import { expressCallback, expressHandler } from "../src/index.ts"

const echo: Handler = async ({ url }, context) =>
  new Response(`hawser ${new URL(url).pathname} for ${clientAddressOf(context)}`)

const integrations = expressHandler(echo)

// What TypeScript checks here is that the types of neither version refuse the middleware.
const middleware: RequestHandler = integrations
const middleware4: RequestHandler4 = integrations

const listening = async (app: Express): Promise<string> => {
  const server = app.listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const bodyAt = async (url: string, init?: RequestInit): Promise<string> =>
  (await fetch(url, init)).text()

/** Mounted on a path, Express has cut that path off `request.url`. */
const contract = /^hawser (?<path>\S+) for 127\.0\.0\.1$/
const pathAt = async (url: string) => contract.exec(await bodyAt(url))?.groups?.["path"]

for (const [version, createApp] of [
  ["Express 5", express],
  ["Express 4", express4 as unknown as typeof express]
] as const) {
  const any = version === "Express 5" ? "/*any" : "/*"

  describe(`${version}: the mount`, () => {
    it("may be in a router, whose other routes stay the host's", async () => {
      const app = createApp()
      const router = createApp.Router()
      router.use(integrations)
      router.get("/users", (_request, response) => void response.send("users"))
      router.get("/internal/v1/integrations", (_request, response) => void response.send("own"))
      app.use("/api", router)
      const url = await listening(app)
      expect(await pathAt(`${url}/api/v1/integrations/x`)).toBe("/api/v1/integrations/x")
      expect(await bodyAt(`${url}/api/users`)).toBe("users")
      expect(await bodyAt(`${url}/api/internal/v1/integrations`)).toBe("own")
    })

    it("answers at a callback path that is not the contract's", async () => {
      const app = createApp()
      app.use("/v1/integrations", integrations)
      app.all("/auth/github/callback", expressCallback(echo) as RequestHandler)
      app.use("/auth/forge", expressCallback(echo) as RequestHandler)
      const url = await listening(app)
      expect(await pathAt(`${url}/auth/github/callback?state=x`)).toBe("/auth/github/callback")
      expect(await pathAt(`${url}/auth/forge`)).toBe("/auth/forge")
      expect((await fetch(`${url}/auth/github`)).status).toBe(404)
    })

    for (const [how, mount] of [
      ["use with a path", (app: Express) => app.use("/v1/integrations", integrations)],
      ["use with half of it", (app: Express) => app.use("/v1", integrations)],
      ["use without a path", (app: Express) => app.use(integrations)],
      ["use with a wildcard", (app: Express) => app.use(any, integrations)],
      ["all with a wildcard", (app: Express) => app.all(`/v1/integrations${any}`, middleware)],
      [
        "an application in the application",
        (app: Express) => app.use("/v1", createApp().use("/integrations", integrations))
      ]
    ] as const) {
      it(`trap 6: sees the whole path by ${how}`, async () => {
        const app = createApp()
        mount(app)
        app.get("/", (_request, response) => void response.send("home"))
        const url = await listening(app)
        const path = "/v1/integrations/github/connect"
        expect(await pathAt(url + path)).toBe(path)
        expect(await bodyAt(url)).toBe("home")
      })
    }

    it("is for the path of a target in the absolute form, too", async () => {
      const app = createApp()
      app.use(integrations)
      const { port } = new URL(await listening(app))
      const said = await speak(
        Number(port),
        "GET http://evil.example/v1/integrations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      )
      expect(said).toContain("hawser /v1/integrations for 127.0.0.1")
    })
  })

  describe(`${version}: the answer`, () => {
    it("trap 5: of a handler that rejects does not reach Express's error handling", async () => {
      let errors = 0
      const app = createApp()
      app.use(expressHandler(() => Promise.reject(new Error("canary"))))
      app.use((_error: unknown, _request: unknown, _response: unknown, next: () => void) => {
        errors += 1
        next()
      })
      const url = await listening(app)
      expect((await fetch(`${url}/v1/integrations`)).status).toBe(500)
      expect(errors).toBe(0)
    })

    it("trap 8: trusts as many proxies as the application says", async () => {
      const headers = { "x-forwarded-for": "198.51.100.1, 203.0.113.9" }
      const addressBehind = async (setting: unknown) => {
        const app = createApp()
        app.set("trust proxy", setting)
        app.use(integrations)
        const url = await listening(app)
        return /for (.*)$/.exec(await bodyAt(`${url}/v1/integrations`, { headers }))?.[1]
      }
      expect(await addressBehind(false)).toBe("127.0.0.1")
      expect(await addressBehind(1)).toBe("203.0.113.9")
      expect(await addressBehind(2)).toBe("198.51.100.1")
    })
  })
}

it("a mount of something else than a handler stops the start, and names itself", () => {
  const hawser = { handler: echo } as never
  expect(() => expressHandler(hawser)).toThrow(
    "expressHandler: Give it hawser.handler, a function."
  )
  expect(() => expressCallback(hawser)).toThrow("expressCallback: Give it hawser.handler")
})

it("the middleware has the type that each version's `use` asks for", () => {
  expect(middleware).toBe(middleware4)
})
