import { type Node, runGraph } from "./graph.ts"
import { generateSources } from "./providers/generate.ts"
import { main } from "./steps.ts"

const fromSources = "--conditions=@hawser/source"
const pages = ["**/*.md"]

/** Everything that is known without running the program, the longest first. */
export const steps: ReadonlyArray<Node> = [
  { name: "build", program: "node", args: ["scripts/build.ts"], always: true },
  { name: "doc examples", program: "node", args: ["scripts/doc-examples.ts"], always: true },
  { name: "types", program: "node", args: ["scripts/types.ts"], after: ["doc examples"] },
  {
    name: "types of Next.js",
    program: "tsc",
    args: ["-p", "examples/nextjs"],
    after: ["build"],
    ignores: pages
  },
  // The sources of a package see its siblings as they were built.
  { name: "lint", program: "oxlint", args: [], after: ["build"], ignores: pages },
  {
    name: "imports",
    program: "depcruise",
    args: [
      "--no-progress",
      "--config",
      ".dependency-cruiser.mjs",
      "packages",
      "examples",
      "tests",
      "scripts",
      "site",
      "test-support"
    ],
    ignores: pages
  },
  {
    name: "unused",
    program: "knip",
    args: ["--no-progress", "--no-config-hints"],
    after: ["build"],
    ignores: pages
  },
  {
    name: "sizes",
    program: "node",
    args: ["scripts/sizes.ts"],
    after: ["build"],
    always: true
  },
  { name: "api", program: "node", args: ["scripts/api-report.ts", "--check"], after: ["build"] },
  {
    name: "spelling",
    program: "cspell",
    args: [
      "lint",
      "--no-progress",
      "--no-summary",
      "--cache",
      "--cache-strategy=content",
      "--cache-location=node_modules/.cache/hawser/spelling"
    ]
  },
  {
    name: "site",
    program: "node",
    args: ["site/src/main.ts", "check"],
    after: ["build"]
  },
  { name: "prose", program: "node", args: ["scripts/prose.ts"] },
  {
    name: "catalogue",
    program: "node",
    args: [fromSources, "scripts/providers.ts", "generate", "--check"]
  },
  {
    name: "openapi",
    program: "node",
    args: [fromSources, "scripts/openapi.ts", "--check"],
    ignores: pages
  },
  { name: "format", program: "oxfmt", args: ["--check"], ignores: pages }
]

/** Calls `built` when the packages have been built, or cannot be. */
export const check = async (built: () => void = () => {}): Promise<void> => {
  generateSources()
  await runGraph(steps, {
    ended: (name) => {
      if (name === "build") built()
    }
  })
}

if (import.meta.main) await main(() => check())
