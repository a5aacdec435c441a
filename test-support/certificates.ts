import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A certificate and its key, as PEM texts and as files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

export interface CertificateAuthority extends Certificate {
  /** A certificate for a name: of a server, as `DNS:localhost` or `IP:127.0.0.1`, or of a client, by `commonName`. */
  readonly issue: (of: { readonly commonName: string; readonly names?: string }) => Certificate
  /** Deletes all the files. */
  readonly remove: () => void
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

/** An authority that nobody trusts yet. Needs the machine's `openssl`. */
export const makeAuthority = (): CertificateAuthority => {
  const root = mkdtempSync(join(tmpdir(), "hawser-certificates-"))
  const make = (name: string, args: ReadonlyArray<string>): Certificate => {
    const certFile = join(root, `${name}.crt`)
    const keyFile = join(root, `${name}.key`)
    const { error, status, stderr } = spawnSync(
      "openssl",
      ["req", "-x509", ...newKey, "-days", "2", "-keyout", keyFile, "-out", certFile, ...args],
      { encoding: "utf8" }
    )
    if (status !== 0) throw new Error(`openssl failed: ${error?.message ?? stderr}`)
    return {
      cert: readFileSync(certFile, "utf8"),
      key: readFileSync(keyFile, "utf8"),
      certFile,
      keyFile
    }
  }
  const authority = make("authority", ["-subj", "/CN=Test authority"])
  let issued = 0
  return {
    ...authority,
    issue: ({ commonName, names }) => {
      issued += 1
      return make(`issued-${issued}`, [
        "-CA",
        authority.certFile,
        "-CAkey",
        authority.keyFile,
        "-subj",
        `/CN=${commonName}`,
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        ...(names === undefined ? [] : ["-addext", `subjectAltName=${names}`])
      ])
    },
    remove: () => rmSync(root, { recursive: true, force: true })
  }
}
