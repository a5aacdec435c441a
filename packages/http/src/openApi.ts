import { OpenApi } from "effect/http-api"
import { Api } from "./Api.ts"

/** The contract as an OpenAPI 3.1 document, made of the declaration that the handler runs. */
export const openApi = (): OpenApi.OpenAPISpec => OpenApi.fromApi(Api)
