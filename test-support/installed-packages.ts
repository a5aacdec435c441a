import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const workspace = fileURLToPath(new URL("..", import.meta.url))

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly publishConfig: { readonly exports: unknown }
}

/**
 * Puts the packages into `node_modules` of a folder as they are published: what was compiled, copied and not linked, with the
 * exports of `publishConfig`. What they depend on is linked to the workspace's own, and so is each of `others`, which `from`
 * has. The folder has to be inside the workspace, for bundlers that follow no link out of their root.
 */
export const installPackages = (
  folder: string,
  { from, others }: { readonly from: string; readonly others: ReadonlyArray<string> }
): void => {
  const modules = join(folder, "node_modules")
  const link = (name: string, target: string): void => {
    const at = join(modules, name)
    if (existsSync(at) || !existsSync(target)) return
    mkdirSync(dirname(at), { recursive: true })
    symlinkSync(target, at)
  }
  for (const file of globSync("packages/*/package.json", { cwd: workspace })) {
    const source = join(workspace, dirname(file))
    const manifest = JSON.parse(readFileSync(join(workspace, file), "utf8")) as Manifest
    const { dependencies, name, peerDependencies, publishConfig } = manifest
    const at = join(modules, name)
    cpSync(join(source, "dist"), join(at, "dist"), {
      recursive: true,
      filter: (path) => !/\.(?:map|d\.ts|tsbuildinfo)$/.test(path)
    })
    writeFileSync(
      join(at, "package.json"),
      JSON.stringify({ ...manifest, exports: publishConfig.exports })
    )
    for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (!needed.startsWith("@hawser/") && needed !== "hawser")
        link(needed, join(source, "node_modules", needed))
    }
  }
  for (const name of others) link(name, join(from, "node_modules", name))
}
