import { ConfigurationError } from "@hawser/core"

/** Throws `ConfigurationError` where a mount is given something else than a handler, such as all of Hawser. */
export const checkHandler = (mount: string, handler: unknown): void => {
  if (typeof handler === "function") return
  throw new ConfigurationError({ setting: mount, problem: "Give it hawser.handler, a function." })
}
