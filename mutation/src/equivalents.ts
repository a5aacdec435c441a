/** A change after which the program does the same, so that no test can see it. */
interface Equivalent {
  readonly file: string
  /** What is changed, each run of white space as one space. */
  readonly original: string
  /** What stands there then. */
  readonly replacement: string
  readonly reason: string
}

export const equivalents: ReadonlyArray<Equivalent> = [
  {
    file: "packages/memory/src/MemoryEventBus.ts",
    original: "state.lastFence += 1n",
    replacement: "state.lastFence -= 1n",
    reason:
      "Fences are only compared for equality, and a falling sequence has no number twice either."
  },
  {
    file: "packages/memory/src/MemoryConnectionStore.ts",
    original: 'command.with._tag === "Credential"',
    replacement: "true",
    reason:
      "A grant has no credentialId, and no credential is kept under the key of an undefined id."
  },
  ...(["secretUrl", "urlChecks"] as const).map((name) => ({
    file: `packages/core/src/provider/${name}.ts`,
    original: "[]",
    replacement: '["Stryker was here"]',
    reason: "A text has neither the name nor the format of a field that is looked for."
  })),
  {
    file: "packages/core/src/provider/EndpointLock.ts",
    original: "a < b",
    replacement: "a <= b",
    reason: "The names of one record differ."
  },
  {
    file: "packages/core/src/vault/sealContexts.ts",
    original: "one < other",
    replacement: "one <= other",
    reason: "The names of one record differ."
  },
  {
    file: "packages/core/src/connection/revokeQueued.ts",
    original: "!beginsByConsent(configured)",
    replacement: "false",
    reason: "A provider that begins without a consent has no revocation either."
  },
  {
    file: "packages/core/src/provider/EndpointLock.ts",
    original: "definition.api?.hosts",
    replacement: "definition.api.hosts",
    reason: "A definition that has the URL of an API has an API."
  }
]
