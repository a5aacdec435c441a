import { assert, describe, it } from "@effect/vitest"
import { shownText } from "../../packages/core/src/model/vendorText.ts"

describe("S-125 text of a vendor's that people are shown", () => {
  it.each([
    ["turns the text around it", "\u202e moor", " moor"],
    ["sets the text around it apart", "\u2066 room \u2069", " room "],
    ["breaks a line", "one\r\ntwo", "onetwo"],
    ["breaks a line as Unicode does", "one\u2028two\u2029", "onetwo"],
    ["commands a terminal", "\u001b[2Jroom\u009b", "[2Jroom"]
  ])("loses what %s", (_, text, shown) => assert.strictEqual(shownText(text, 200), shown))

  it("ends before a character that has no room, and is nothing where nothing is left", () => {
    assert.strictEqual(shownText("rooms", 4), "room")
    assert.strictEqual(shownText("roo\u{1f3e0}", 4), "roo")
    assert.isUndefined(shownText("\u202e", 200))
  })
})
