/** Version 0 and the algorithm `rsaEncryption`, as RFC 5958 §2 has them before the key itself. */
const rsaHeader = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
  0x05, 0x00
]

/** An RSA key as PKCS #1 has it, which is how GitHub hands out those of apps, in the form that WebCrypto reads. */
export const pkcs8OfPkcs1 = (key: Uint8Array): Uint8Array<ArrayBuffer> =>
  tagged(0x30, Uint8Array.from([...rsaHeader, ...tagged(0x04, key)]))

/** DER: tag, length, value (ITU-T X.690 §8.1). A key of any use is longer than 255 bytes and shorter than 65,536. */
const tagged = (tag: number, value: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([tag, 0x82, value.length >> 8, value.length & 0xff, ...value])
