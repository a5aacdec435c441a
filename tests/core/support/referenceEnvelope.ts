import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto"
import type { SealContext } from "@hawser/core"

/**
 * The envelope as its documentation describes it, written a second time over `node:crypto` and sharing no line with the
 * cipher: what both agree on is the format.
 */

type Part = string | undefined | ReadonlyArray<Part>

/** 0 for nothing; 1, the length in bytes and a text; 2, the number of members and a list. */
const canonical = (part: Part): Buffer => {
  if (part === undefined) return Buffer.from([0])
  const head = Buffer.alloc(5)
  head.writeUInt8(typeof part === "string" ? 1 : 2)
  head.writeUInt32BE(typeof part === "string" ? Buffer.byteLength(part) : part.length, 1)
  return Buffer.concat([
    head,
    ...(typeof part === "string" ? [Buffer.from(part)] : part.map(canonical))
  ])
}

const authenticatedData = ({ directing, ...context }: SealContext): Buffer => {
  const { field, owner, provider, recordId, tenantId } = context
  const parts = ["1", tenantId, owner, provider, recordId, field, directing]
  return createHash("sha256").update(canonical(parts)).digest()
}

const decrypt = (key: Uint8Array, nonce: Buffer, sealed: Buffer, aad: Buffer): Buffer => {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 })
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - 16))
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()])
}

const encrypt = (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: Buffer): Buffer => {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 })
  cipher.setAAD(aad)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

const wrappingKey = (key: Uint8Array, aad: Buffer): Buffer =>
  Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), aad, 32))

export const keyIdOf = (key: Uint8Array): string =>
  createHash("sha256").update(key).digest("hex").slice(0, 16)

/** Takes an envelope apart by its layout. */
export const parse = (envelope: Uint8Array) => {
  const bytes = Buffer.from(envelope)
  const wrappedAt = 2 + bytes.readUInt8(1) + 2
  const nonceAt = wrappedAt + bytes.readUInt16BE(wrappedAt - 2)
  return {
    version: bytes.readUInt8(0),
    keyId: bytes.subarray(2, wrappedAt - 2).toString("utf8"),
    wrapped: bytes.subarray(wrappedAt, nonceAt),
    nonce: bytes.subarray(nonceAt, nonceAt + 12),
    ciphertext: bytes.subarray(nonceAt + 12)
  }
}

/** The data key of an envelope, for who has the key that wraps it. */
export const dataKeyOf = (envelope: Uint8Array, key: Uint8Array, context: SealContext): Buffer => {
  const { wrapped } = parse(envelope)
  const aad = authenticatedData(context)
  return decrypt(wrappingKey(key, aad), wrapped.subarray(0, 12), wrapped.subarray(12), aad)
}

/** What is sealed, for who has its data key. */
export const openWith = (
  dataKey: Uint8Array,
  envelope: Uint8Array,
  context: SealContext
): string => {
  const { ciphertext, nonce } = parse(envelope)
  return decrypt(dataKey, nonce, ciphertext, authenticatedData(context)).toString("utf8")
}

export const open = (envelope: Uint8Array, key: Uint8Array, context: SealContext): string =>
  openWith(dataKeyOf(envelope, key, context), envelope, context)

export const seal = (
  plain: string,
  key: Uint8Array,
  context: SealContext,
  random: {
    readonly dataKey: Uint8Array
    readonly nonce: Uint8Array
    readonly wrappingNonce: Uint8Array
  }
): Buffer => {
  const aad = authenticatedData(context)
  const keyId = Buffer.from(keyIdOf(key))
  const wrapped = Buffer.concat([
    random.wrappingNonce,
    encrypt(wrappingKey(key, aad), random.wrappingNonce, random.dataKey, aad)
  ])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(wrapped.length)
  return Buffer.concat([
    Buffer.from([1, keyId.length]),
    keyId,
    length,
    wrapped,
    random.nonce,
    encrypt(random.dataKey, random.nonce, Buffer.from(plain), aad)
  ])
}
