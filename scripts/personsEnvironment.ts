/** The variables of a person's shell: nothing of the package manager that runs this program, and nothing of its settings for Node. */
export const personsEnvironment = (): Readonly<Record<string, string | undefined>> => {
  const { CI: _, NODE_OPTIONS: __, NODE_PATH: ___, ...inherited } = process.env
  return Object.fromEntries(
    Object.entries(inherited).filter(([name]) => !/^(?:npm|pnpm)_/i.test(name))
  )
}
