import { prepareFolder, runHere } from "./ownPackages.ts"

// Stryker and what it brings are installed here and nowhere else.
prepareFolder("mutation")
runHere("node", ["mutation/src/main.ts", ...process.argv.slice(2)])
