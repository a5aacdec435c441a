/** The names that stand in braces in a template, as types. */
type Placeholders<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never

/** Of a definition's fields, those with a closed list of values. */
type Listed<Fields> = Fields extends readonly (infer One)[]
  ? One extends { readonly name: infer Name; readonly choices: readonly unknown[] }
    ? Name
    : never
  : never

type Host<Url extends string> = Url extends `${string}://${infer Rest}`
  ? Rest extends `${infer Authority}/${string}`
    ? Authority
    : Rest
  : Url

/** The host without the tenant's label, if it begins with one. */
type Suffix<Authority extends string> = Authority extends `{${string}}.${infer Fixed}`
  ? Fixed
  : Authority

/**
 * A URL whose host belongs to one vendor, whatever a tenant fills in: the start's check as a type. If it does not, the type
 * is the error's sentence. The start checks URLs that the compiler does not know, such as those from a file.
 */
export type OneVendorUrl<Url extends string, Fields> = [
  Exclude<Placeholders<Host<Url>>, Listed<Fields>>
] extends [never]
  ? Url
  : [Exclude<Placeholders<Suffix<Host<Url>>>, Listed<Fields>>] extends [never]
    ? Suffix<Host<Url>> extends `${string}.${string}`
      ? Url
      : Refused<Url, Fields>
    : Refused<Url, Fields>

type Refused<
  Url extends string,
  Fields
> = `The field ${Exclude<Placeholders<Host<Url>>, Listed<Fields>> & string} lets a tenant choose the host, and your client would be used there`
