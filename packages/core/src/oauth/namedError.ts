import * as oauth from "oauth4webapi"
import type { OAuth2Definition, VendorError } from "../domain/ProviderDefinition.ts"

/** What a definition says of an error of the token endpoint: the grant is over, or the vendor cannot tell for now. */
export const namedError = (
  { temporaryErrors, terminalErrors }: Pick<OAuth2Definition, "temporaryErrors" | "terminalErrors">,
  cause: unknown
): "terminal" | "temporary" | undefined => {
  if (!(cause instanceof oauth.ResponseBodyError)) return undefined
  // The description is more than the code alone, and where two descriptions fit, nothing ends.
  if (temporaryErrors?.some(describes(cause)) === true) return "temporary"
  if (terminalErrors?.some(describes(cause)) === true) return "terminal"
  if (terminalErrors?.includes(cause.error) === true) return "terminal"
  // RFC 6749 has it for the authorization endpoint; Microsoft's and Auth0's token endpoints have it too.
  return cause.error === "temporarily_unavailable" ||
    temporaryErrors?.includes(cause.error) === true
    ? "temporary"
    : undefined
}

const describes =
  ({ error, error_description: told = "" }: oauth.ResponseBodyError) =>
  (named: VendorError): boolean =>
    typeof named !== "string" &&
    named.error === error &&
    told.toLowerCase().includes(named.description.toLowerCase())
