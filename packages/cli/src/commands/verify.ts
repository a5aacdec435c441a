import { Duration, Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import manifest from "../../package.json" with { type: "json" }
import { portFlag } from "../portFlag.ts"
import { Problem } from "../Problem.ts"
import { reporting } from "../report.ts"
import { note } from "../terminal.ts"
import { fingerprint, outcomeOf, type Step, type VerificationRecord } from "../verify/record.ts"
import { atSimulator, verifiedProvider } from "../verify/verifiedProvider.ts"
import { listenForPerson } from "../verify/verificationHost.ts"
import { walkThrough } from "../verify/walk.ts"

const flags = {
  provider: Argument.String("provider").pipe(Argument.withDescription("Its id, such as github")),
  port: portFlag(
    "The port on this machine that your browser comes to, 0 for one that is free. Default 4500",
    4500
  ),
  publicUrl: Flag.String("public-url").pipe(
    Flag.withDescription(
      "The address in front of that port, for vendors that want https: a tunnel's"
    ),
    Flag.optional
  ),
  field: Flag.String("field").pipe(
    Flag.withDescription("What a tenant fills in, as subdomain=acme. Several times for several"),
    Flag.atLeast(0)
  ),
  call: Flag.String("call").pipe(
    Flag.withDescription("A path of the API to call besides the definition's check"),
    Flag.optional
  ),
  timeout: Flag.Int("timeout").pipe(
    Flag.withDescription("How many seconds you may take at the vendor. Default 600"),
    Flag.withDefault(600)
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription("The folder of the record. Default verified"),
    Flag.withDefault("verified")
  ),
  simulator: Flag.String("simulator").pipe(
    Flag.withDescription("Try it at a simulator, such as http://127.0.0.1:4300"),
    Flag.optional
  )
}

const words = { passed: "passed", failed: "FAILED", none: "none  " } as const

const line = ({ outcome, reason, step }: Step): string =>
  `${words[outcome]}  ${step}${reason === undefined ? "" : `: ${reason}`}`

const fieldsOf = (given: ReadonlyArray<string>) =>
  Effect.forEach(given, (one) => {
    const at = one.indexOf("=")
    return at < 1
      ? new Problem({
          code: "wrong_field",
          problem: "--field is a name and a value.",
          next: "Write it as --field subdomain=acme."
        })
      : Effect.succeed([one.slice(0, at), one.slice(at + 1)] as const)
  }).pipe(Effect.map(Object.fromEntries<string>))

const isRecordOf = (file: string, provider: string): boolean => {
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as Partial<VerificationRecord>
    return found.provider === provider && Array.isArray(found.steps)
  } catch {
    return false
  }
}

/** The file of the record: a new one, or the former record of the same provider. */
const recordFile = (folder: string, provider: string): Effect.Effect<string, Problem> => {
  const file = resolve(join(folder, `${provider}.json`))
  return existsSync(file) && !isRecordOf(file, provider)
    ? Effect.fail(
        new Problem({
          code: "file_in_the_way",
          problem: `${relative(process.cwd(), file)} is there already, and it is not a record of ${provider}.`,
          next: "Name another folder by --out."
        })
      )
    : Effect.succeed(file)
}

export const verify = reporting(
  "verify",
  "Connect a provider at its vendor, in your browser, and write down what was seen",
  flags,
  (given) =>
    Effect.gen(function* () {
      const file = yield* recordFile(given.out, given.provider)
      const fields = yield* fieldsOf(given.field)
      const provider = yield* verifiedProvider(given.provider)
      const person = yield* listenForPerson(given.port)
      const publicUrl = Option.getOrElse(
        given.publicUrl,
        () => `http://localhost:${person.port}`
      ).replace(/\/$/, "")
      const isSimulated = Option.isSome(given.simulator)
      // The app's own path is registered for the app's own address.
      const { callbackPath: _, ...registered } = provider.config
      const config = isSimulated
        ? yield* atSimulator({ ...provider, config: registered }, given.simulator.value, publicUrl)
        : registered
      const redirectUri = `${publicUrl}/v1/integrations/${given.provider}/callback`
      const steps = yield* walkThrough({
        config,
        definition: provider.definition,
        host: { ...provider.host, ...(isSimulated && { unsafelyAllowLoopback: true }) },
        publicUrl,
        person,
        fields,
        call: Option.getOrUndefined(given.call),
        patience: Duration.seconds(given.timeout),
        ready: Effect.sync(() =>
          note(
            `Register ${redirectUri} at ${provider.definition.displayName}, then open ${publicUrl}/ and allow it.`
          )
        )
      })
      const record: VerificationRecord = {
        provider: given.provider,
        date: new Date().toISOString().slice(0, 10),
        version: manifest.version,
        definition: fingerprint(provider.definition),
        scopes: provider.config.scopes ?? provider.definition.defaultScopes,
        outcome: outcomeOf(steps),
        steps,
        ...(isSimulated && { simulated: true as const })
      }
      mkdirSync(resolve(given.out), { recursive: true })
      writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`)
      const shown = relative(process.cwd(), file)
      return {
        json: { ...record, file: shown },
        text: [
          ...steps.map(line),
          "",
          `${record.outcome === "passed" ? "All of it works" : "Not all of it works"}. The record is ${shown}: it has no secret and names no account.`,
          ...(record.outcome === "passed" && !isSimulated
            ? [
                "If the provider is of the catalogue, you can contribute it: copy it to packages/providers/verified of the repository."
              ]
            : []),
          ...(record.outcome === "failed"
            ? [
                "Next: compare the definition with the vendor's page; docs/reconnecting.md explains each word."
              ]
            : [])
        ].join("\n"),
        isFailure: record.outcome === "failed"
      }
    }).pipe(Effect.scoped)
)
