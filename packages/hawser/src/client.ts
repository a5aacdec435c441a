export {
  type Client,
  ClientError,
  createClient,
  type CreateClientOptions,
  type ErrorCode,
  type Returned
} from "@hawser/http/client"
