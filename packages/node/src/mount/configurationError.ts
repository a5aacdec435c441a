/** An error of Hawser's that a mount throws, known by its mark and its code like every other one. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError"
  readonly code = "configuration_error"
  /** The setting, as the host writes it. */
  readonly setting: string
  readonly problem: string

  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`)
    this.setting = setting
    this.problem = problem
  }
}

// The mark of `isHawserError`, which is the same symbol in every package.
Object.defineProperty(ConfigurationError.prototype, Symbol.for("hawser.error"), { value: true })
