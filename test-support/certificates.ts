import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generate } from "selfsigned"

/** A certificate and its key, as PEM texts and as files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

export interface CertificateAuthority extends Certificate {
  /** A certificate of a server, with its name in the DNS, or of a client. */
  readonly issue: (of: {
    readonly commonName: string
    readonly dnsName?: string
  }) => Promise<Certificate>
  /** Deletes all the files. */
  readonly remove: () => void
}

/** An authority that nobody trusts yet. */
export const makeAuthority = async (): Promise<CertificateAuthority> => {
  const root = mkdtempSync(join(tmpdir(), "hawser-certificates-"))
  let made = 0
  const make = async (
    commonName: string,
    options: Pick<NonNullable<Parameters<typeof generate>[1]>, "ca" | "extensions">
  ): Promise<Certificate> => {
    const pems = await generate([{ name: "commonName", value: commonName }], {
      keyType: "ec",
      algorithm: "sha256",
      ...options
    })
    made += 1
    const certFile = join(root, `${made}.crt`)
    const keyFile = join(root, `${made}.key`)
    writeFileSync(certFile, pems.cert)
    // libpq and PostgreSQL refuse a key that others can read.
    writeFileSync(keyFile, pems.private, { mode: 0o600 })
    return { cert: pems.cert, key: pems.private, certFile, keyFile }
  }
  const authority = await make("Test authority", {
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true }
    ]
  })
  return {
    ...authority,
    issue: ({ commonName, dnsName }) =>
      make(commonName, {
        ca: { key: authority.key, cert: authority.cert },
        extensions: [
          { name: "basicConstraints", cA: false, critical: true },
          ...(dnsName === undefined
            ? []
            : [
                {
                  name: "subjectAltName" as const,
                  altNames: [{ type: 2 as const, value: dnsName }]
                }
              ])
        ]
      }),
    remove: () => rmSync(root, { recursive: true, force: true })
  }
}
