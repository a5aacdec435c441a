/**
 * How the command line reads a host's options: it imports the host's own module in a process of its own and leaves this
 * function there. Global, because the module has its own copy of this package.
 */
const reader = Symbol.for("hawser.optionsReader")

type OptionsReader = (options: () => unknown) => void

const readerHere = (): OptionsReader | undefined =>
  (globalThis as { readonly [reader]?: OptionsReader })[reader]

/** Where somebody reads the options, nothing starts: the module is not to open a store or to listen. */
export const optionsRead = (options: unknown): Promise<void> | undefined => {
  const read = readerHere()
  if (read === undefined) return undefined
  read(() => options)
  return new Promise(() => {})
}

/** The same for an instance that would start later. */
export const laterOptionsRead = (options: () => unknown): void => readerHere()?.(options)
