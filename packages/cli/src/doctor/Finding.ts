/** What a check has found. */
export interface Finding {
  readonly check: string
  /** `problem`: it does not work, or will not. `warning`: it works, and somebody should look. */
  readonly level: "ok" | "warning" | "problem"
  readonly message: string
  /** What to do about it; undefined where nothing is. */
  readonly next?: string
}

type Make = (check: string, message: string, next: string) => Finding

export const ok = (check: string, message: string, next?: string): Finding => ({
  check,
  level: "ok",
  message,
  ...(next !== undefined && { next })
})

export const warning: Make = (check, message, next) => ({ check, level: "warning", message, next })

export const problem: Make = (check, message, next) => ({ check, level: "problem", message, next })
