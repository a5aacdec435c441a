import type { OAuth2Definition } from "./ProviderDefinition.ts"

/** What single members of an OAuth2 definition cannot mean together. */
export const checkOAuth2 = (definition: OAuth2Definition): string | undefined => {
  const secret = (definition.fields ?? []).find((field) => field.secret !== false)
  if (secret !== undefined) return `the field ${secret.name} must say secret: false`
  const { callbackRegion } = definition
  const region = (definition.fields ?? []).find(({ name }) => name === callbackRegion?.field)
  if (
    callbackRegion !== undefined &&
    !Object.values(callbackRegion.values).every(
      (value) => region?.choices?.includes(value) === true
    )
  )
    return `callbackRegion: ${callbackRegion.field} is not a field whose choices are these values`
  if (definition.openid === true && definition.issuer === undefined)
    return "openid needs the issuer that ID tokens name"
  if (definition.account?.from === "id_token" && definition.openid !== true)
    return "account comes from an ID token, and openid is not set"
  return undefined
}
