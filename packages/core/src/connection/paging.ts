import { Effect, Option, Schema } from "effect"
import { ValidationError } from "../model/index.ts"

export interface PageQuery {
  /** From 1 to 100: the most that one page holds. Without it, all come at once. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  /** Of all pages. */
  readonly total: number
  /** Where the next page begins; undefined on the last, and where no limit was given. */
  readonly nextCursor: string | undefined
}

/** A cursor: what the last item of a page is ordered by, in text that nobody needs to read. */
export type Cursor<Place> = Schema.Codec<Place, string>

export const cursorCodec = <Place, Encoded>(place: Schema.Codec<Place, Encoded>): Cursor<Place> =>
  Schema.StringFromBase64Url.pipe(Schema.decodeTo(Schema.fromJsonString(place)))

/**
 * What a store is asked for: one more than wanted, which tells whether there is a next page.
 *
 * Fails with `ValidationError` if the cursor is none of ours.
 */
export const decodePageQuery = <Place>(
  cursor: Cursor<Place>,
  query: PageQuery
): Effect.Effect<
  { readonly limit: number | undefined; readonly after: Place | undefined },
  ValidationError
> => {
  const limit = query.limit && query.limit + 1
  if (query.cursor === undefined) return Effect.succeed({ limit, after: undefined })
  return Option.match(Schema.decodeUnknownOption(cursor)(query.cursor), {
    onNone: () =>
      Effect.fail(new ValidationError({ details: [{ path: "cursor", code: "invalid" }] })),
    onSome: (after) => Effect.succeed({ limit, after })
  })
}

/** What a caller is shown of what the store gave. */
export const toPage = <Place, Item>(
  cursor: Cursor<Place>,
  { limit }: PageQuery,
  { items, total }: { readonly items: ReadonlyArray<Item>; readonly total: number },
  placeOf: (item: Item) => Place
): Page<Item> => {
  if (limit === undefined || items.length <= limit) return { items, total, nextCursor: undefined }
  const shown = items.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown, total, nextCursor: last && Schema.encodeSync(cursor)(placeOf(last)) }
}
