import { matchesGlob } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import workspace from "../vitest.config.ts"
import type { Group } from "./src/groups.ts"

/** The tests of one group, given by `src/main.ts`. */
const tests = JSON.parse(process.env["HAWSER_MUTATION_TESTS"] ?? "{}") as Group["tests"]
const root = fileURLToPath(new URL("..", import.meta.url))
const order = Object.entries(tests).flatMap(([project, patterns]) =>
  patterns.map((pattern) => ({ project, pattern: `**/${pattern}` }))
)

class InGivenOrder extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId, project }: TestSpecification): number =>
      order.findIndex(
        (test) => test.project === project.name && matchesGlob(moduleId, test.pattern)
      )
    return files.toSorted((a, b) => place(a) - place(b))
  }
}

const projects = (workspace.test?.projects ?? []).flatMap((project) => {
  if (typeof project !== "object" || !("test" in project)) return []
  const { name, root: folder } = project.test ?? {}
  const include = typeof name === "string" ? tests[name] : undefined
  if (include === undefined) return []
  return [
    {
      ...project,
      extends: true as const,
      test: {
        ...project.test,
        root: `${root}${folder ?? ""}`,
        include: [...include],
        typecheck: { enabled: false },
        // One process for all files of a mutant, each with modules of its own where a mutant is part of their loading.
        isolate: false
      }
    }
  ]
})

export default defineConfig({
  ...workspace,
  test: { ...workspace.test, sequence: { sequencer: InGivenOrder }, projects }
})
