import { Command } from "effect/cli"
import { connections } from "./commands/connections.ts"
import { dev } from "./commands/dev.ts"
import { doctor } from "./commands/doctor.ts"
import { init } from "./commands/init.ts"
import { keys, rotate } from "./commands/keys.ts"
import { lock } from "./commands/lock.ts"
import { providers } from "./commands/providers.ts"
import { check, migrate, sql } from "./commands/tables.ts"
import { verify } from "./commands/verify.ts"
import { why } from "./commands/why.ts"
import { Config, EnvFile } from "./host/loadHost.ts"
import { Json } from "./report.ts"

export const hawser = Command.make("hawser").pipe(
  Command.withDescription("Hawser's command line. Configuration comes from your own module."),
  Command.withSubcommands([
    init,
    dev,
    doctor,
    check,
    migrate,
    sql,
    connections,
    why,
    keys,
    rotate,
    lock,
    providers,
    verify
  ]),
  // They are of every command below, so they stand behind them.
  Command.withGlobalFlags([Json, Config, EnvFile])
)
