import { runHere } from "./runHere.ts"

// The packages are measured as hosts get them: built.
runHere("tsc", ["-b", "tsconfig.build.json"])
runHere("node", ["bench/src/main.ts", ...process.argv.slice(2)])
