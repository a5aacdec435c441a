import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** Fails where a module of a test runner is asked for. */
const script = `
import { registerHooks } from "node:module"
registerHooks({
  resolve: (name, context, next) => {
    if (name.includes("vitest")) throw new Error("asked for " + name)
    return next(name, context)
  }
})
const { startSimulator } = await import("@hawser/testing/simulator")
process.stdout.write(typeof startSimulator)
`

it("the simulator is loaded without a test runner", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@hawser/source", "--input-type=module", "--eval", script],
    { cwd: fileURLToPath(new URL(".", import.meta.url)) }
  )
  assert.strictEqual(stdout, "function")
})
