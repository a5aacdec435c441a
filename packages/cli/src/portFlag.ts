import { Flag } from "effect/cli"

/** `--port`, of this machine; 0 takes one that is free. */
export const portFlag = (description: string, usual: number) =>
  Flag.Int("port").pipe(
    Flag.withDescription(description),
    Flag.withDefault(usual),
    Flag.filter(
      (port) => port >= 0 && port <= 65_535,
      () => "--port is from 0 to 65535"
    )
  )
