export { MemoryStores } from "./MemoryStores.ts"
