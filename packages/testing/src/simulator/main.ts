#!/usr/bin/env node
import { catalogueIds, decodeProviderFacts, factsOf, type ProviderFacts } from "../facts/index.ts"
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import type { ConsentMode } from "./Simulation.ts"
import { startSimulator } from "./startSimulator.ts"

const usage = `hawser-simulator [--port=4300] [--consent=button] PROVIDER …

Plays the providers at 127.0.0.1 until it is ended. PROVIDER is an id of the catalogue, such as github, or a JSON file with
the facts of a provider of your own. --consent is "automatic" (default) or "button".`

const isConsent = (text: string): text is ConsentMode => text === "automatic" || text === "button"

const factsFrom = async (provider: string): Promise<ProviderFacts> => {
  if (provider.endsWith(".json"))
    return Effect.runPromise(
      decodeProviderFacts(JSON.parse(await readFile(provider, "utf8")), provider)
    )
  const id = catalogueIds.find((known) => known === provider)
  if (id === undefined) throw new Error(`The catalogue has no provider ${provider}.`)
  return factsOf(id)
}

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      consent: { type: "string", default: "automatic" }
    }
  })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const port = Number(values.port)
  if (positionals.length === 0 || !isConsent(values.consent) || !Number.isInteger(port))
    throw new Error(usage)
  const simulator = await startSimulator({
    providers: await Promise.all(positionals.map(factsFrom)),
    port,
    consent: values.consent
  })
  process.stdout.write(`The simulator listens at http://127.0.0.1:${simulator.port}\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
