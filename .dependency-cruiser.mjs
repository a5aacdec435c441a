/** What each package may import of its siblings and of npm; `effect` goes without saying, but for the mounts. */
const packages = {
  // tldts: the public suffix list, private section included. Code cannot guess below which names anybody can register. It
  // has no dependency but its own core, and is asked when a definition is checked, never for a request.
  core: { npm: ["oauth4webapi", "tldts"] },
  http: { hawser: ["core"], npm: ["jose"] },
  memory: { hawser: ["core"] },
  postgres: {
    hawser: ["core"],
    npm: ["@effect/sql-pg"],
    types: ["@electric-sql/pglite", "pg"],
    node: true
  },
  providers: { hawser: ["core"] },
  egress: { hawser: ["core"], node: true },
  // A mount knows the handler by its shape alone: whoever installs one gets no Effect with it.
  node: { node: true, isMount: true },
  // Their requests are Node's: what reads and answers those is written once.
  express: { hawser: ["node"], types: ["express"], node: true, isMount: true },
  fastify: { hawser: ["node"], types: ["fastify"], node: true, isMount: true },
  testing: {
    hawser: ["core", "memory"],
    npm: ["vitest", "@effect/vitest", "fast-check"],
    node: true
  },
  effect: { hawser: ["core", "egress", "http", "postgres", "providers"], node: true },
  // A bundle: all of these are in its files, and none of them is installed beside it.
  hawser: {
    hawser: ["core", "effect", "egress", "http", "memory", "node", "postgres", "providers"],
    types: ["@electric-sql/pglite", "pg"],
    node: true
  },
  // A bundle too, which no host imports. The platform is what Effect's command lines run on.
  cli: {
    hawser: [
      "core",
      "effect",
      "egress",
      "elements",
      "hawser",
      "http",
      "memory",
      "postgres",
      "testing"
    ],
    npm: ["@effect/platform-node-shared", "jose"],
    node: true
  },
  // They run in pages: no Effect, nothing of Node, and of Hawser the client alone.
  headless: { hawser: ["hawser"], isMount: true },
  elements: { hawser: ["hawser", "headless"], types: ["react", "@types/react"], isMount: true },
  react: { hawser: ["headless"], npm: ["react"], types: ["@types/react"], isMount: true }
}

/** The rooms of core: each imports from those before it, by their `index.ts`. */
const rooms = [
  "model",
  "services",
  "vault",
  "decide",
  "provider",
  "protocol",
  "auth",
  "token",
  "connection",
  "connect",
  "event",
  "runtime"
]

/** Modules of Effect that a minor release may change, and the package that pays for it. */
const unstable = [
  { path: "(^|/)effect/(src|dist)/(http|http-api)/", only: "^packages/http/src/" },
  { path: "(^|/)effect/(src|dist)/sql/|/@effect/sql-pg/", only: "^packages/postgres/src/" },
  { path: "(^|/)effect/(src|dist)/cli/", only: "^packages/cli/src/" },
  { path: "(^|/)effect/(src|dist)/crypto/", only: "^packages/(core|egress)/src/" },
  { path: "(^|/)effect/(src|dist)/persistence/", only: "^packages/core/src/" }
]

const npmPath = (name) => `node_modules/${name}/`
const siblings = (name, { hawser = [] }) => [name, ...hawser].join("|")

export default {
  forbidden: [
    {
      name: "no-circles",
      comment: "Arrows point one way: the rooms of core, http, mounts.",
      severity: "error",
      from: {},
      to: { circular: true }
    },
    {
      name: "no-circles-of-folders",
      comment:
        "Two folders that import each other are one folder, or one file stands in the wrong one.",
      scope: "folder",
      severity: "error",
      from: { path: "^packages/[^/]+/src" },
      to: { circular: true }
    },
    ...rooms.slice(0, -1).map((room, index) => ({
      name: `upward-from-${room}`,
      comment: "docs/architecture.md has the order of the rooms.",
      severity: "error",
      from: { path: `^packages/core/src/${room}/` },
      to: { path: `^packages/core/src/(${rooms.slice(index + 1).join("|")})/` }
    })),
    {
      name: "rooms-by-their-door",
      comment: "Another room is imported by its index.ts.",
      severity: "error",
      from: { path: "^packages/core/src/([^/]+)" },
      to: {
        path: "^packages/core/src/",
        pathNot: ["^packages/core/src/$1/", "^packages/core/src/[^/]+/index\\.ts$"]
      }
    },
    {
      name: "no-unresolved",
      comment: "An import that resolves to nothing escapes every other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true }
    },
    {
      name: "no-sibling-insides",
      comment: "Another package is imported by its name, not by a path into it.",
      severity: "error",
      from: { path: "^(packages|examples)/([^/]+)/" },
      to: { path: "^(packages|examples)/", pathNot: "^$1/$2/", dependencyTypes: ["local"] }
    },
    {
      name: "no-tests-in-sources",
      comment: "Published sources stand without tests and tools.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "^(test-support|tests|scripts|examples)/|/test/" }
    },
    {
      name: "no-undeclared-packages",
      comment: "What a published package imports stands in its dependencies or peerDependencies.",
      severity: "error",
      // What is bundled is there when the bundle is made.
      from: { path: "^packages/(?!(?:hawser|cli)/)[^/]+/src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["npm", "npm-peer", "npm-optional", "type-only"]
      }
    },
    ...Object.entries(packages).flatMap(([name, allowed]) => [
      {
        name: `siblings-of-${name}`,
        comment: "The table of packages in docs/architecture.md.",
        severity: "error",
        from: { path: `^packages/${name}/src/` },
        to: { path: "^packages/", pathNot: `^packages/(${siblings(name, allowed)})/` }
      },
      {
        name: `npm-of-${name}`,
        comment: "Few dependencies, each named in this file.",
        severity: "error",
        from: { path: `^packages/${name}/src/` },
        to: {
          path: "node_modules/",
          pathNot: [
            ...(allowed.isMount === true ? [] : ["effect"]),
            ...(allowed.npm ?? []),
            ...(allowed.types ?? [])
          ].map(npmPath)
        }
      },
      ...(allowed.types === undefined
        ? []
        : [
            {
              name: `types-only-of-${name}`,
              comment: "The host brings these; only their types are named.",
              severity: "error",
              from: { path: `^packages/${name}/src/` },
              to: { path: allowed.types.map(npmPath), dependencyTypesNot: ["type-only"] }
            }
          ]),
      ...(allowed.node === true
        ? []
        : [
            {
              name: `no-node-in-${name}`,
              comment: "Web standards only: no `node:` modules.",
              severity: "error",
              from: { path: `^packages/${name}/src/` },
              to: { dependencyTypes: ["core"] }
            }
          ])
    ]),
    {
      name: "egress-is-the-only-way-out",
      comment:
        "Outgoing connections are made in @hawser/egress and nowhere else, but for those to the host's database. `hawser verify` listens for a browser.",
      severity: "error",
      from: {
        path: "^packages/(?!testing/)[^/]+/src/",
        pathNot:
          "^packages/(egress/src/|postgres/src/(UrlClient|PgPoolClient|ConnectionUrl)\\.ts$|cli/src/verify/verificationHost\\.ts$)"
      },
      to: {
        path: "^(node:)?(http|https|http2|net|tls|dgram|dns)(/|$)|FetchHttpClient|node_modules/undici/",
        // A mount names the types of the requests that it is given.
        dependencyTypesNot: ["type-only"]
      }
    },
    {
      name: "one-maker-of-urls",
      comment:
        "Each URL that a secret goes to is made by secretUrl, which checks what stands in it; settings are the host's own.",
      severity: "error",
      from: {
        path: "^packages/[^/]+/src/",
        pathNot: "^packages/core/src/provider/(secretUrl|hostSettings)\\.ts$"
      },
      to: { path: "^packages/core/src/provider/renderUrl\\.ts$" }
    },
    {
      name: "client-in-pages",
      comment: "A page loads the client, and not the server that it calls.",
      severity: "error",
      from: { path: "^packages/(headless|elements|react)/src/" },
      to: {
        path: "^packages/hawser/",
        pathNot: "^packages/hawser/(src|dist)/client\\.(ts|d\\.ts|js)$"
      }
    },
    ...unstable.map(({ path, only }) => ({
      name: "unstable-effect-modules",
      comment: "Unstable modules of Effect stay in few files.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: only },
      to: { path }
    }))
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // What was built, and copies of hosts that tests make.
    exclude: { path: "^(packages|examples)/[^/]+/dist/|^site/dist/|/\\.cache/(app|build|hosts)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@hawser/source", "types", "import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".d.ts", ".json"]
    }
  }
}
