import { type CommonProviderConfig, type OAuth2ProviderConfig, ProviderId } from "@hawser/core"

type Unbranded<Definition> = Omit<Definition, "id"> & { readonly id: string }

/** A definition of the catalogue. Each was checked before it was written, and the start checks it again. */
export const definitionOf = <Definition extends { readonly id: ProviderId }>(
  definition: Unbranded<Definition>
): Definition => ({ ...definition, id: ProviderId.make(definition.id) }) as unknown as Definition

/** The documented scopes, and any other text. */
type Scopes<Documented extends string> = ReadonlyArray<Documented | (string & Record<never, never>)>

type DistributedOmit<Union, Name extends PropertyKey> = Union extends unknown
  ? Omit<Union, Name>
  : never

/** The host's registration at an OAuth2 provider, and what it asks for there. */
export type OAuthClient<
  Scope extends string = string,
  Config = OAuth2ProviderConfig
> = DistributedOmit<Config, "definition" | "scopes" | "requiredScopes"> & {
  /** Default: the definition's `defaultScopes`. */
  readonly scopes?: Scopes<Scope>
  /** The connection is refused unless each of these is granted. */
  readonly requiredScopes?: Scopes<Scope>
}

/** Options of a provider whose tenants bring their own keys. */
export type ApiKeyOptions = CommonProviderConfig & { readonly settings?: Record<string, string> }
