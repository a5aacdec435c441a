import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { TestClock } from "effect/testing"
import { sqliteStores } from "./SqliteStores.ts"

storeConformance("SQLite, by the rules of core", {
  layer: Layer.provideMerge(sqliteStores(), TestClock.layer()),
  advance: TestClock.adjust,
  timeout: 60_000
})
