/** An empty application of a framework, as its own makers begin one. */
export interface Starter {
  /** For a shell, in an empty folder. They make the folder `app`, and ask nothing. */
  readonly commands: ReadonlyArray<string>
  /** What a maker's page has the reader write, where there is no generator. */
  readonly files?: Readonly<Record<string, string>>
}

export const starters: Readonly<Record<string, Starter>> = {
  // https://expressjs.com/en/starter/installing.html and hello-world.html
  express: {
    commands: ["mkdir app", "cd app && npm init --yes && npm install express@5.3.0"],
    files: {
      "app.js": `const express = require("express")
const app = express()
const port = 3000

app.get("/", (req, res) => {
  res.send("Hello World!")
})

app.listen(port, () => {
  console.log(\`Listening on port \${port}\`)
})
`
    }
  },
  fastify: {
    commands: [
      "npx --yes --package=fastify-cli@8.0.2 fastify generate app --esm",
      "cd app && npm install"
    ]
  },
  // What the template `nodejs` of create-hono has. The generator itself loads it from GitHub, which a run must not depend on.
  hono: {
    commands: [
      "mkdir app",
      "cd app && npm init --yes && npm pkg set type=module scripts.build=tsc",
      "cd app && npm install hono@4.13.19 @hono/node-server@2.1.9",
      "cd app && npm install --save-dev typescript@5.9.3 @types/node@24"
    ],
    files: {
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          target: "ESNext",
          module: "NodeNext",
          strict: true,
          verbatimModuleSyntax: true,
          skipLibCheck: true,
          types: ["node"],
          jsx: "react-jsx",
          jsxImportSource: "hono/jsx",
          outDir: "./dist"
        },
        exclude: ["node_modules"]
      }),
      "src/index.ts": `import { serve } from "@hono/node-server"
import { Hono } from "hono"

const app = new Hono()

app.get("/", (c) => c.text("Hello Hono!"))

serve({ fetch: app.fetch, port: 3000 }, (info) => {
  console.log(\`Server is running on http://localhost:\${info.port}\`)
})
`
    }
  },
  nextjs: {
    commands: [
      "npx --yes create-next-app@16.4.3 app --yes --empty --ts --app --src-dir --no-tailwind --no-linter --use-npm --disable-git"
    ]
  },
  nestjs: {
    commands: ["npx --yes @nestjs/cli@12.0.8 new app --package-manager npm --skip-git"]
  }
}
