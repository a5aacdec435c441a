export { fastifyCallback, fastifyHawser } from "./fastifyHawser.ts"
