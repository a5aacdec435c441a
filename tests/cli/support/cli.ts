import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export const workspace = fileURLToPath(new URL("../../..", import.meta.url))
const packages = join(workspace, "packages")

/** What goes with the test, or, by `afterAll`, with its file. */
export type CleanUp = (run: () => void | Promise<void>) => void

/** A host's folder with these files, where the packages are as they were built. */
export const hostFolder = (
  files: Readonly<Record<string, string>> = {},
  cleanUp: CleanUp = onTestFinished
): string => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-cli-"))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, "node_modules/@hawser"), { recursive: true })
  symlinkSync(join(packages, "hawser"), join(folder, "node_modules/hawser"))
  symlinkSync(join(packages, "cli"), join(folder, "node_modules/@hawser/cli"))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const tests = join(workspace, "tests")

/** Installs more packages into such a folder: those that the tests have, or another folder of the workspace. */
export const install = (
  folder: string,
  names: ReadonlyArray<string>,
  from: string = tests
): void => {
  for (const name of names) {
    const at = join(folder, "node_modules", name)
    mkdirSync(dirname(at), { recursive: true })
    symlinkSync(join(from, "node_modules", name), at)
  }
}

/** Every file of such a folder, by its path, but for what is installed. */
export const filesIn = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    globSync(["**/*", "**/.*"], {
      cwd: folder,
      withFileTypes: true,
      exclude: (entry) => entry.name === "node_modules" || entry.name === ".git"
    })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path, "utf8")])
  )

/** A host's tsconfig.json, as strict as hosts have it. */
export const compiler = JSON.stringify({
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    jsx: "react-jsx",
    types: ["node"]
  },
  include: ["**/*.ts", "**/*.tsx"]
})

/** What the compiler says about such a folder: nothing, where all is well. */
export const typeCheck = (folder: string): string => {
  try {
    execFileSync(process.execPath, [
      join(workspace, "node_modules/typescript/bin/tsc"),
      "-p",
      folder
    ])
    return ""
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout)
  }
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

/** Starts `hawser` in a folder, as `npx hawser` does there. */
export const start = (
  folder: string,
  args: ReadonlyArray<string>,
  { env = {}, stdin = "" }: RunOptions = {},
  cleanUp: CleanUp = onTestFinished
) => {
  // What the package manager that runs the tests has set would find the packages of this workspace.
  const { CI: _, DATABASE_URL: __, NODE_OPTIONS: ___, NODE_PATH: ____, ...inherited } = process.env
  const child = spawn(
    process.execPath,
    [join(folder, "node_modules/hawser/dist/bin.js"), ...args],
    { cwd: folder, env: { ...inherited, ...env } }
  )
  child.stdin.end(stdin)
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => (printed += part))
  const stderr = text(child.stderr)
  const closed = once(child, "close")
  cleanUp(async () => {
    child.kill("SIGKILL")
    await closed
  })
  const ended = async (): Promise<Ran> => {
    const [code] = (await closed) as [number | null]
    return { code, stdout: printed, stderr: await stderr }
  }
  return { child, printed: () => printed, ended }
}

export const hawser = (
  folder: string,
  args: ReadonlyArray<string>,
  options?: RunOptions
): Promise<Ran> => start(folder, args, options).ended()

/** The answer of a command to `--json`. */
export const hawserJson = async (
  folder: string,
  args: ReadonlyArray<string>,
  options?: RunOptions
): Promise<{ readonly code: number | null; readonly answer: unknown; readonly stderr: string }> => {
  const { code, stderr, stdout } = await hawser(folder, [...args, "--json"], options)
  return { code, stderr, answer: JSON.parse(stdout) }
}
