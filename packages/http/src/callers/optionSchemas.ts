import { listOption, Role } from "@hawser/core"
import { Schema } from "effect"

export const text = Schema.String
export const texts = listOption(text)
export const textOrTexts = Schema.Union([text, texts])
export const roleMap = Schema.Record(text, Role)

/** A base URL as a path can follow it. */
export const withoutSlashes = (url: string): string => url.replace(/\/+$/, "")
