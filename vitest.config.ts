import { randomInt } from "node:crypto"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defaultExclude, defineConfig } from "vitest/config"

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const postgres = fromRoot("test-support/global-setup.ts")

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
    // A test may wait as long as it may run. The default is one second, which is too short on a busy machine.
    expect: { poll: { timeout: 90_000 } },
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // All files share processes, so that each loads Effect and the sources once: every file puts back what it has changed.
    isolate: false,
    setupFiles: [fromRoot("test-support/put-back.ts")],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    projects: [
      {
        extends: true,
        test: {
          name: "sources",
          include: [
            "{packages/*,examples/{demo,standalone,web},strangers,test-support}/test/**/*.test.ts",
            "tests/{core,memory,sqlite,stories,hosts,testing,page,site}/**/*.test.ts"
          ],
          globalSetup: postgres,
          // Node imports the sources by itself, as the programs here do, and keeps what it has compiled: less work than Vite has.
          experimental: { viteModuleRunner: false }
        }
      },
      {
        extends: true,
        test: {
          // The packages as a host has them, in frameworks that load or bundle them in their own ways.
          name: "frameworks",
          include: [
            "examples/nextjs/test/**/*.test.ts",
            "tests/frameworks/**/*.test.ts",
            "tests/cli/**/*.test.ts"
          ],
          globalSetup: [postgres, fromRoot("test-support/build-packages.ts")]
        }
      }
    ]
  }
})
