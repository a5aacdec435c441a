import { globSync, readFileSync } from "node:fs"
import { rolldown } from "rolldown"
import { main, record, workspace } from "./steps.ts"

/** As the package has it. */
const built = async (file: string): Promise<number> => readFileSync(file).length

/** What a page gets that bundles this module alone. */
const minified = async (file: string): Promise<number> => {
  const bundle = await rolldown({ input: file })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  return output.reduce((sum, chunk) => sum + ("code" in chunk ? chunk.code.length : 0), 0)
}

/**
 * What a host gets with `hawser`, in bytes; `pack:check` measures the whole install. The limits of what is built stand a tenth
 * above what it was when they were set: to raise one is a decision. A page's are promises.
 */
const limits = [
  { files: "packages/hawser/dist/*.js", measure: built, most: 2_200_000 },
  { files: "packages/hawser/dist/*.d.ts", measure: built, most: 400_000 },
  { files: "packages/hawser/dist/client.js", measure: minified, most: 5_000 }
]

const sizes = async (): Promise<void> => {
  let ok = true
  for (const { files, measure, most } of limits) {
    const found = globSync(files, { cwd: workspace })
    const bytes = (await Promise.all(found.map((file) => measure(`${workspace}${file}`)))).reduce(
      (sum, size) => sum + size,
      0
    )
    console.log(`${files}, ${measure.name}: ${bytes} bytes, at most ${most}`)
    ok &&= found.length > 0 && bytes <= most
  }
  record("sizes", ok ? "passed" : "failed")
}

await main(sizes)
