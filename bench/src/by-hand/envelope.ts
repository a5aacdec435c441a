import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto"

const lengthPrefixed = (parts: ReadonlyArray<string>): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    })
  )

const encrypt = (key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

const decrypt = (key: Uint8Array, sealed: Buffer, aad: Uint8Array): Buffer => {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
}

const wrappedLength = 12 + 32 + 16

/** Envelope encryption as Hawser's: a data key a value, wrapped by a key that is derived for what the value belongs to. */
export const makeEnvelope = (encryptionKey: string) => {
  const root = Buffer.from(encryptionKey, "base64")
  const keyId = createHash("sha256").update(root).digest().subarray(0, 8)
  const header = Buffer.concat([Buffer.from([1]), keyId])
  const wrappingKey = (context: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", root, new Uint8Array(0), context, 32))

  return {
    seal: (text: string, context: ReadonlyArray<string>): Buffer => {
      const aad = lengthPrefixed(context)
      const dataKey = randomBytes(32)
      const wrapped = encrypt(wrappingKey(aad), dataKey, aad)
      return Buffer.concat([header, wrapped, encrypt(dataKey, Buffer.from(text), aad)])
    },
    open: (sealed: Buffer, context: ReadonlyArray<string>): string => {
      if (!sealed.subarray(0, header.length).equals(header)) throw new Error("unknown key")
      const aad = lengthPrefixed(context)
      const wrappedEnd = header.length + wrappedLength
      const wrapped = sealed.subarray(header.length, wrappedEnd)
      const dataKey = decrypt(wrappingKey(aad), wrapped, aad)
      return decrypt(dataKey, sealed.subarray(wrappedEnd), aad).toString()
    }
  }
}
