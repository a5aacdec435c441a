export { type ExpressMiddleware, type ExpressRequest, expressHandler } from "./expressHandler.ts"
