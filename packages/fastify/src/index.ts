export { fastifyHawser } from "./fastifyHawser.ts"
