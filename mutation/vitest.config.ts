import { matchesGlob } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import workspace from "../vitest.config.ts"
import type { Group } from "./src/groups.ts"

/** The tests of one group, given by `src/main.ts`. */
const tests = JSON.parse(process.env["HAWSER_MUTATION_TESTS"] ?? "[]") as Group["tests"]

class InGivenOrder extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification): number =>
      tests.findIndex((pattern) => matchesGlob(moduleId, `**/${pattern}`))
    return files.toSorted((a, b) => place(a) - place(b))
  }
}

const { projects: _, ...settings } = workspace.test ?? {}

export default defineConfig({
  ...workspace,
  test: {
    ...settings,
    root: fileURLToPath(new URL("..", import.meta.url)),
    include: [...tests],
    globalSetup: fileURLToPath(new URL("../test-support/global-setup.ts", import.meta.url)),
    sequence: { sequencer: InGivenOrder }
  }
})
