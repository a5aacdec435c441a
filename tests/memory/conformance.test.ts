import { MemoryStores } from "@hawser/memory"
import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { TestClock } from "effect/testing"

storeConformance("memory", {
  layer: Layer.provideMerge(MemoryStores.layer, TestClock.layer()),
  advance: TestClock.adjust
})
