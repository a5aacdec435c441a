import { ConfigurationError } from "@hawser/core"

/** Names a setting of an issuer that stops the start, and what to do about it. */
export type Refuse = (setting: string, problem: string) => ConfigurationError

/** For settings that stand under `authenticate`, or deeper. */
export const refuseUnder =
  (place: string): Refuse =>
  (setting, problem) =>
    new ConfigurationError({ setting: `${place}.${setting}`, problem })
