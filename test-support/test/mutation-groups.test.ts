import { assert, describe, it } from "@effect/vitest"
import { fileURLToPath } from "node:url"
import { groups } from "../../mutation/src/groups.ts"
import { missingFiles } from "../../mutation/src/missing.ts"

const workspace = fileURLToPath(new URL("../../", import.meta.url))

describe("what pnpm mutation changes", () => {
  for (const group of groups) {
    it(`is there, as are its tests: ${group.name}`, () => {
      assert.deepStrictEqual(missingFiles(group, workspace), [])
    })
  }

  it("is named where a file has moved, one by one, whatever else of the pattern is there", () => {
    const moved = {
      name: "moved",
      sources: ["packages/core/src/connect/{connect,moved}.ts", "packages/core/src/moved/*.ts"],
      tests: ["tests/core/{connect,moved}.test.ts"]
    }
    assert.deepStrictEqual(missingFiles(moved, workspace), [
      "packages/core/src/connect/moved.ts",
      "packages/core/src/moved/*.ts",
      "tests/core/moved.test.ts"
    ])
  })
})
