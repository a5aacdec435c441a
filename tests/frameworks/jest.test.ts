import { text } from "node:stream/consumers"
import { expect, it } from "vitest"
import { hostFolder, runNode } from "./support/hosts.ts"

it("Jest runs tests that import Hawser and its simulator, and tests that require them", async () => {
  const folder = hostFolder("jest", ["jest"])
  const jest = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--json"]
  const { child, done } = runNode(folder, jest)
  const [report] = await Promise.all([text(child.stdout), done()])
  expect(JSON.parse(report)).toMatchObject({
    numPassedTests: 3,
    numTotalTests: 3,
    success: true
  })
}, 60_000)
