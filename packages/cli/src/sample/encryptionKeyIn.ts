import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** The demo's encryption key: made once, kept beside the data, readable by its owner alone. */
export const encryptionKeyIn = (folder: string): string => {
  const file = join(folder, "encryption-key")
  try {
    return readFileSync(file, "utf8")
  } catch {
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined
    // A folder of the host's own keeps its own rules.
    if (isNew) writeFileSync(join(folder, ".gitignore"), "*\n")
    const key = randomBytes(32).toString("base64")
    // Never over what came between, and through no link.
    writeFileSync(file, key, { flag: "wx", mode: 0o600 })
    return key
  }
}
