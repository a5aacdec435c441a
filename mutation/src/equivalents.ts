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
    file: "packages/memory/src/MemoryIntegrationStore.ts",
    original: 'command.with._tag === "Credential"',
    replacement: "true",
    reason: "A grant has no credentialId: the property is undefined all the same."
  },
  {
    file: "packages/memory/src/MemoryIntegrationStore.ts",
    original: 'row.integration.status !== "connected"',
    replacement: "false",
    reason: "A disconnect takes the grant away, so that a grant is that of a connected integration."
  },
  {
    file: "packages/memory/src/MemoryIntegrationStore.ts",
    original: "expiresAt !== undefined",
    replacement: "true",
    reason: "undefined <= now is false as well."
  },
  {
    file: "packages/memory/src/MemoryIntegrationStore.ts",
    original: "credentialId !== undefined",
    replacement: "true",
    reason: "No credential is kept under the key of an undefined id."
  }
]
