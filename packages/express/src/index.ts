export {
  type ExpressMiddleware,
  type ExpressRequest,
  expressCallback,
  expressHandler
} from "./expressHandler.ts"
