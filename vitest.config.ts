import { randomInt } from "node:crypto"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defaultExclude, defineConfig, type TestProjectInlineConfiguration } from "vitest/config"

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * Node imports the sources by itself, as hosts do, and caches what it has compiled: a fifth less CPU than through Vite.
 * Only `decorators` need Vite, since Node strips types and transforms nothing.
 */
const project = (
  name: string,
  {
    root = `./packages/${name}`,
    include = ["test/**/*.test.ts"],
    postgres = false,
    built = false,
    decorators = false
  } = {}
): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    root,
    include,
    experimental: { viteModuleRunner: decorators },
    globalSetup: [
      ...(postgres ? [fromRoot("test-support/global-setup.ts")] : []),
      ...(built ? [fromRoot("test-support/build-packages.ts")] : [])
    ]
  }
})

/** The cells of the matrix that `test` leaves out stand in files of their own. */
const isNightly = process.env["HAWSER_NIGHTLY"] === "1"

export default defineConfig({
  resolve: { conditions: ["@hawser/source"] },
  ssr: { resolve: { conditions: ["@hawser/source"] } },
  test: {
    pool: "forks",
    // Many tests wait for a database, a process or a bound: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    // What a test starts with child_process.fork reads the sources too.
    execArgv: ["--conditions=@hawser/source"],
    exclude: [...defaultExclude, ...(isNightly ? [] : ["**/*.nightly.test.ts"])],
    env: { HAWSER_SEED: process.env["HAWSER_SEED"] ?? String(randomInt(1_000_000)) },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // Files share a process, so that it loads Effect and the sources once: each puts back what it has changed.
    isolate: false,
    setupFiles: [fromRoot("test-support/put-back.ts")],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    projects: [
      project("test-support", { root: "./test-support", postgres: true }),
      project("core", { root: "./tests/core", include: ["**/*.test.ts"] }),
      project("memory", { root: "./tests/memory", include: ["**/*.test.ts"] }),
      project("stories", { root: "./tests", include: ["{sqlite,stories}/**/*.test.ts"] }),
      project("providers"),
      project("node"),
      project("express"),
      project("fastify"),
      project("http", { postgres: true }),
      project("postgres", { postgres: true }),
      project("hosts", { root: "./tests/hosts", include: ["**/*.test.ts"] }),
      project("testing", { root: "./tests/testing", include: ["**/*.test.ts"], postgres: true }),
      project("hawser", { postgres: true }),
      project("examples", {
        root: "./examples",
        include: ["{demo,standalone,web}/test/**/*.test.ts"],
        postgres: true
      }),
      // The packages as a host has them, in frameworks that load or bundle them in their own ways.
      project("frameworks", {
        root: ".",
        include: ["examples/nextjs/test/**/*.test.ts", "tests/frameworks/**/*.test.ts"],
        postgres: true,
        built: true,
        decorators: true
      })
    ]
  }
})
