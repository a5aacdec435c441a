import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const sampleSize = 12

/**
 * The providers that a run plays at length: those whose files differ from the main branch, and a sample. `HAWSER_SEED`
 * chooses the sample, so a run can be repeated; `HAWSER_PROVIDERS=all` takes all of them, which the nightly run does.
 */
export const chosenProviders = <Id extends string>(ids: ReadonlyArray<Id>): ReadonlyArray<Id> => {
  if (process.env["HAWSER_PROVIDERS"] === "all") return ids
  const changed = changedProviders()
  const sample = new Set(inOrderOf(seed, ids).slice(0, sampleSize))
  return ids.filter((id) => sample.has(id) || changed.has(id))
}

/** What the sample was drawn by. It stands in the tests' titles. */
export const seed = process.env["HAWSER_SEED"] ?? "0"

/** Another order for each seed, and always the same one for the same. */
const inOrderOf = <Id extends string>(seed: string, ids: ReadonlyArray<Id>): ReadonlyArray<Id> =>
  ids
    .map((id) => ({ id, key: fingerprint(`${seed} ${id}`) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ id }) => id)

/** FNV-1a, with a last mix, so that neighbours do not stay neighbours. */
const fingerprint = (text: string): number => {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** By the files in the working tree. Without git, or in a copy without history, nothing counts as changed. */
const changedProviders = (): ReadonlySet<string> => {
  const folder = "packages/providers/catalog"
  try {
    const differing = git("diff", "--name-only", before(), "--", folder)
    const untracked = git("ls-files", "--others", "--exclude-standard", "--", folder)
    return new Set(
      `${differing}\n${untracked}`
        .split("\n")
        .filter((path) => path.endsWith(".json"))
        .map((path) => path.slice(path.lastIndexOf("/") + 1).replace(/(?:\.facts)?\.json$/, ""))
    )
  } catch {
    return new Set()
  }
}

/** Where this branch left the main branch; on that branch itself, its last commit but one. */
const before = (): string => {
  const head = git("rev-parse", "HEAD")
  try {
    const base = git("merge-base", "HEAD", "origin/main")
    if (base !== head) return base
  } catch {
    // No such remote.
  }
  return git("rev-parse", "HEAD~1")
}

const git = (...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  }).trim()
