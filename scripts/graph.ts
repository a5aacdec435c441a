import { createHash } from "node:crypto"
import { globSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join, matchesGlob } from "node:path"
import { record, run, workspace } from "./steps.ts"

/** One program of a graph. It counts as one test. */
export interface Node {
  readonly name: string
  readonly program: string
  readonly args: ReadonlyArray<string>
  /** The names of the steps that must have passed before. */
  readonly after?: ReadonlyArray<string>
  /**
   * Patterns of the files that the program never looks at. It reads every other file of the workspace: a step that
   * names too little here runs once too often, where a list of what it reads would pass by what was forgotten.
   */
  readonly ignores?: ReadonlyArray<string>
  /** For a program that writes what others read, or that keeps a cache of its own. */
  readonly always?: boolean
}

/** Ends a program that hangs, and none that shares its cores with ten others. */
const timeoutMs = 900_000

/** What git does not know either: a step that writes one of them has not changed what the others read. */
const untracked = [
  "node_modules",
  "dist",
  ".git",
  ".cache",
  ".cache-*",
  ".data",
  ".next",
  "next-env.d.ts",
  "coverage",
  "*.tsbuildinfo",
  "THIRD-PARTY-LICENSES.txt"
]
const isUntracked = (name: string): boolean =>
  untracked.some((pattern) => matchesGlob(name, pattern))
/** It names the version of every package that is installed. */
const installed = "node_modules/.pnpm/lock.yaml"

const hash = (...parts: ReadonlyArray<string | Buffer>): string => {
  const sha = createHash("sha256")
  for (const part of parts) sha.update(`${part.length}:`).update(part)
  return sha.digest("hex")
}

/** A file's content; for a symbolic link, where it leads. */
const contentOf = (file: string): string | Buffer => {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined || stat.isDirectory()) return ""
  return stat.isSymbolicLink() ? readlinkSync(file) : readFileSync(file)
}

/** The files of a folder, by path, each with the hash of its content. */
export const filesOf = (root: string): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  const entries = globSync(["**/*", "**/.*", "**/.*/**/*"], {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => isUntracked(entry.name)
  })
  for (const entry of entries) {
    // A folder that is excluded is not entered; a file is listed all the same.
    if (entry.isDirectory() || isUntracked(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    files.set(
      path
        .slice(root.length)
        .replace(/^[/\\]/, "")
        .replaceAll("\\", "/"),
      hash(contentOf(path))
    )
  }
  files.set(installed, hash(contentOf(join(root, installed))))
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The files that a step may read. */
export const inputsOf = (
  { ignores = [] }: Node,
  files: ReadonlyMap<string, string>
): ReadonlyArray<readonly [path: string, hash: string]> =>
  [...files].filter(([path]) => !ignores.some((pattern) => matchesGlob(path, pattern)))

const keyOf = (node: Node, files: ReadonlyMap<string, string>): string =>
  hash(
    process.version,
    process.platform,
    process.arch,
    JSON.stringify([node.program, node.args, node.ignores]),
    JSON.stringify(inputsOf(node, files))
  )

export interface GraphOptions {
  readonly root?: string
  /** The folder of the keys of what passed. */
  readonly cache?: string
  /** Called when a step has ended, however it ended. */
  readonly ended?: (name: string) => void
}

/**
 * Runs the steps, as many beside each other as there are cores. A step that passed on the same files with the same
 * versions is not run again. It resolves to how each step ended.
 */
export const runGraph = async (
  nodes: ReadonlyArray<Node>,
  {
    root = workspace,
    cache = join(root, "node_modules/.cache/hawser/steps"),
    ended = () => {}
  }: GraphOptions = {}
): Promise<ReadonlyMap<string, "unchanged" | "passed" | "failed">> => {
  const before = filesOf(root)
  const ends = new Map<string, "unchanged" | "passed" | "failed">()
  mkdirSync(cache, { recursive: true })

  const perform = async (node: Node): Promise<void> => {
    const { always = false, args, name, program } = node
    const failed = node.after?.find((one) => ends.get(one) === "failed")
    if (failed !== undefined) {
      console.log(`--- ${name}: FAILED, since ${failed} failed`)
      ends.set(name, "failed")
      return
    }
    const file = join(cache, name.replaceAll(/\W/g, "-"))
    const key = keyOf(node, before)
    if (!always && contentOf(file).toString() === key) {
      console.log(`--- ${name}: unchanged`)
      ends.set(name, "unchanged")
      return
    }
    const ok = await run(name, program, args, {
      cwd: root,
      together: true,
      timeoutMs
    })
    ends.set(name, ok ? "passed" : "failed")
    // A file that was edited meanwhile may have been read before or after.
    if (ok && !always && keyOf(node, filesOf(root)) === key) writeFileSync(file, key)
  }

  const waiting = [...nodes]
  const running = new Map<string, Promise<void>>()
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(({ after = [] }) => after.every((one) => ends.has(one)))
    const [node] =
      next !== -1 && running.size < availableParallelism() ? waiting.splice(next, 1) : []
    if (node !== undefined) {
      running.set(
        node.name,
        perform(node).finally(() => {
          running.delete(node.name)
          ended(node.name)
        })
      )
    } else if (running.size > 0) {
      // The next one can start when one of these has ended.
      await Promise.race(running.values())
    } else {
      throw new Error(
        `Steps that wait for what is not there: ${waiting.map(({ name }) => name).join(", ")}`
      )
    }
  }
  for (const { name } of nodes) record(name, ends.get(name) === "failed" ? "failed" : "passed")
  return ends
}
