/** Values that must never be printed, from the host's options and the environment. */
const known = new Set<string>()

/** Shorter ones stand in ordinary words. */
const shortest = 8

export const keepSecret = (value: unknown): void => {
  if (typeof value === "string" && value.length >= shortest) known.add(value)
}

const secretName = /key|secret|token|password|passwd|credential/i

/** An address may be printed, unless somebody's password or key stands in it. */
const isPlainUrl = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && url.password === "" && !secretName.test(url.search)
}

const isSecret = (name: string, value: unknown): boolean =>
  typeof value === "string" && !isPlainUrl(value) && (secretName.test(name) || URL.canParse(value))

/** Remembers what an object holds under names of secrets, and URLs with passwords. A definition is data, and holds none. */
const keepIn = (value: unknown, depth: number, seen: Set<object>): void => {
  if (typeof value !== "object" || value === null || depth > 4 || seen.has(value)) return
  seen.add(value)
  for (const name of Object.getOwnPropertyNames(value)) {
    if (name === "definition") continue
    const member: unknown = Reflect.get(value, name)
    for (const one of Array.isArray(member) ? (member as ReadonlyArray<unknown>) : [member]) {
      if (isSecret(name, one)) keepSecret(one)
    }
    keepIn(member, depth + 1, seen)
  }
}

export const keepSecretsOf = (options: object): void => keepIn(options, 0, new Set())

export const keepSecretsOfEnvironment = (): void => keepIn({ ...process.env }, 0, new Set())

/** The same text without what is known to be secret, and without a password in a URL. */
export const withoutSecrets = (text: string): string =>
  [...known]
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, "[hidden]"), text)
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]*@/gi, "$1:[hidden]@")
