import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")

const workflows = globSync(".github/workflows/*.yml", { cwd: root })

test.each(workflows)("%s names each action by its commit, and the version beside it", (path) => {
  const actions = [...read(path).matchAll(/uses: (?<action>.*)/g)].map(
    ({ groups }) => groups?.["action"] ?? ""
  )
  expect(actions.length).toBeGreaterThan(0)
  expect(actions.filter((one) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one))).toEqual([])
})

test("the job that publishes runs the pnpm of packageManager, installed by its hash, and no other", () => {
  const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string }
  const version = /^pnpm@(?<version>[\d.]+)\+sha512\.[0-9a-f]{128}$/.exec(packageManager)
  const binary = "@pnpm/exe.linux-x64"
  const { dependencies } = JSON.parse(read(".github/pnpm/package.json")) as {
    dependencies: Record<string, string>
  }
  const { packages } = JSON.parse(read(".github/pnpm/package-lock.json")) as {
    packages: Record<string, { readonly version?: string; readonly integrity?: string }>
  }
  const locked = packages[`node_modules/${binary}`]
  expect(dependencies).toEqual({ [binary]: version?.groups?.["version"] })
  expect(locked?.version).toBe(version?.groups?.["version"])
  expect(locked?.integrity).toMatch(/^sha512-[\w+/]{86}==$/)

  const job = read(".github/workflows/release.yml").split(/^ {2}release:$/m)[1] ?? ""
  expect(job).toContain("npm ci --ignore-scripts --prefix .github/pnpm\n")
  expect(job).toContain(`.github/pnpm/node_modules/${binary}" >> "$GITHUB_PATH"`)
  expect(job).not.toContain("npx")
})

test("the nightly workflow has a job for each part of the nightly command", () => {
  const script = read("scripts/nightly.ts")
  const [, parts = ""] = /^const parts.*?\{$(.*?)^\}$/ms.exec(script) ?? []
  const names = [...parts.matchAll(/^ {2}(?<name>\w+):/gm)].map(({ groups }) => groups?.["name"])
  expect(names.length).toBeGreaterThan(5)
  const [, jobs = ""] = /part:\s*\[(.*?)\]/s.exec(read(".github/workflows/nightly.yml")) ?? []
  expect(jobs.match(/\w+/g)).toEqual(names)
})
