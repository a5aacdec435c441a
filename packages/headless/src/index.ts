export type { Client, ClientError, ErrorCode, Returned } from "hawser/client"
export { handOver } from "./popup.ts"
export {
  type Connection,
  createIntegrations,
  type Integrations,
  type IntegrationsOptions,
  type Notice,
  type Problem,
  type Provider,
  type State,
  type Task,
  type UsersConnection,
  type Values,
  type Word
} from "./createIntegrations.ts"
