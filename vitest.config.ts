import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config"

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const project = (
  name: string,
  { root = `./packages/${name}`, include = ["test/**/*.test.ts"], postgres = false } = {}
): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    root,
    include,
    globalSetup: postgres ? [fromRoot("test-support/global-setup.ts")] : [],
    typecheck: {
      enabled: true,
      include: include.map((pattern) => pattern.replace(".test.ts", ".test-d.ts")),
      tsconfig: fromRoot("tsconfig.json"),
      // Errors outside of the type tests are the business of `check`.
      ignoreSourceErrors: true
    }
  }
})

export default defineConfig({
  resolve: { conditions: ["@hawser/source"] },
  ssr: { resolve: { conditions: ["@hawser/source"] } },
  test: {
    pool: "forks",
    // Many tests wait for a database: two at a time even where there is one core.
    maxWorkers: Math.max(2, availableParallelism()),
    // What a test starts with child_process.fork reads the sources too.
    execArgv: ["--conditions=@hawser/source"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      project("test-support", { root: "./test-support", postgres: true }),
      project("core", { root: "./tests/core", include: ["**/*.test.ts"] }),
      project("memory", { root: "./tests/memory", include: ["**/*.test.ts"] }),
      project("providers"),
      project("node"),
      project("express"),
      project("fastify"),
      project("http", { postgres: true }),
      project("postgres", { postgres: true }),
      project("testing", { root: "./tests/testing", include: ["**/*.test.ts"], postgres: true }),
      project("hawser", { postgres: true }),
      project("examples", { root: "./examples", include: ["*/test/**/*.test.ts"], postgres: true })
    ]
  }
})
