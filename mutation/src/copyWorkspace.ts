import { execFileSync } from "node:child_process"
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/**
 * A copy of what git knows or would take, where files may be changed while others work here. Its packages find each
 * other in the copy, and what comes from npm in the workspace.
 */
export const copyWorkspace = (workspace: string): string => {
  const copy = mkdtempSync(join(tmpdir(), "hawser-mutation-"))
  const files = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: workspace,
    encoding: "utf8"
  })
  for (const file of files.split("\0")) {
    if (file === "" || !existsSync(join(workspace, file))) continue
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(workspace, file), join(copy, file), { verbatimSymlinks: true })
  }
  symlinkSync(join(workspace, "node_modules"), join(copy, "node_modules"), "junction")
  for (const modules of globSync("{{packages,examples}/*,tests}/node_modules", {
    cwd: workspace
  })) {
    cpSync(join(workspace, modules), join(copy, modules), {
      recursive: true,
      verbatimSymlinks: true
    })
  }
  return copy
}
