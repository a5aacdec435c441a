#!/usr/bin/env node
import { fileURLToPath } from "node:url"
import { run } from "./run.ts"
import { print } from "./terminal.ts"

const args = process.argv.slice(2)
// Asked by `npx hawser`, which then runs this file in its own process: npm passes no signal on to what it runs.
if (args[0] === "--where") print(fileURLToPath(import.meta.url))
else run(args)
