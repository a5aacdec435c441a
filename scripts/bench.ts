import { prepareFolder, runHere } from "./ownPackages.ts"

// The packages are measured as hosts get them, built; what they are compared with is installed here and nowhere else.
runHere("tsc", ["-b", "tsconfig.build.json"])
prepareFolder("bench")
runHere("node", ["bench/src/main.ts", ...process.argv.slice(2)])
