export { type CheckedProvider, checkProvider } from "./checkProvider.ts"
export { type Flip, flipsOf } from "./flips.ts"
