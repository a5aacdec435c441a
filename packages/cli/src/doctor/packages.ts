import { realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { readFileSync } from "node:fs"
import manifest from "../../package.json" with { type: "json" }
import { type Finding, ok, problem, warning } from "./Finding.ts"

interface Found {
  readonly file: string
  readonly version: string
}

/** A package as it is found from a file. */
const findPackage = (name: string, from: string): Found | undefined => {
  try {
    const file = realpathSync(createRequire(from).resolve(`${name}/package.json`))
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }
    return { file, version }
  } catch {
    return undefined
  }
}

/** Those of Hawser's packages that use the host's Effect. */
const onEffect = ["core", "effect", "egress", "http", "memory", "postgres", "providers"]

const effectFinding = (file: string): Finding => {
  const packages = onEffect.flatMap((name) => findPackage(`@hawser/${name}`, file) ?? [])
  if (packages.length === 0) {
    return ok("effect", "Hawser has its own inside: whichever your app uses does not matter.")
  }
  const used = [file, ...packages.map((one) => one.file)].flatMap(
    (from) => findPackage("effect", from) ?? []
  )
  const copies = new Map(used.map((one) => [one.file, one.version]))
  return copies.size <= 1
    ? ok("effect", `There is one: ${used[0]?.version ?? "none"}.`)
    : problem(
        "effect",
        `There are ${copies.size} copies, in versions ${[...copies.values()].join(" and ")}: Layers of one do not work with services of the other.`,
        "Let your package manager install one: npm ls effect, or pnpm why effect, tells who asks for which."
      )
}

const versionFinding = (file: string): Finding => {
  const host = findPackage("hawser", file)
  if (host === undefined || host.version === manifest.version) {
    return ok("packages", `hawser and its command line are both ${manifest.version}.`)
  }
  return warning(
    "packages",
    `Your app has hawser ${host.version}, and this command line is ${manifest.version}.`,
    `npm install --save-dev @hawser/cli@${host.version}`
  )
}

/** What is installed beside the host's module. */
export const packageFindings = (file: string): ReadonlyArray<Finding> => [
  versionFinding(file),
  effectFinding(file)
]
