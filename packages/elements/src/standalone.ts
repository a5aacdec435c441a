/** Both elements and the German texts in one file, for pages without a bundler. */
export { german } from "./de.ts"
export { texts } from "./health.ts"
export { english } from "./index.ts"
