/** A secret in every form in which it could lie somewhere (S-82). */
export const encodingsOf = (secret: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(secret)
  const base64 = bytes.toString("base64").replace(/=+$/, "")
  return [
    secret,
    base64,
    bytes.toString("base64url"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    encodeURIComponent(secret),
    new URLSearchParams({ x: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    // A base64 text that is itself stored as bytes shows as hex.
    Buffer.from(base64).toString("hex")
  ]
}

/** The secrets that a text holds in any encoding, by name. */
export const secretsIn = (
  text: string,
  secrets: Readonly<Record<string, string>>
): ReadonlyArray<string> =>
  Object.entries(secrets)
    .filter(([, secret]) => encodingsOf(secret).some((encoded) => text.includes(encoded)))
    .map(([name]) => name)
