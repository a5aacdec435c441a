import { assert, describe, it } from "@effect/vitest"
import {
  isScope,
  isTokenText,
  parseScopes,
  shownText,
  storableText
} from "../../packages/core/src/model/vendorText.ts"

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
    assert.strictEqual(shownText("\u{1f3e0}room", 200), "\u{1f3e0}room")
    assert.isUndefined(shownText("\u202e", 200))
  })
})

describe("S-125 a token", () => {
  it("is printable ASCII that a header does not shorten, of 65,536 characters at most", () => {
    for (const token of ["a", "!", "~", "a b", "a  b", "A.b-c_d/e+f=", "a".repeat(65_536)])
      assert.isTrue(isTokenText(token), token.slice(0, 20))
    for (const token of [
      "",
      " ",
      " a",
      "a ",
      "a\n",
      "\na",
      "a\r\nX: y",
      "a\0",
      "\u007f",
      "é",
      "a\ud800",
      "a".repeat(65_537),
      undefined,
      1,
      ["a"]
    ])
      assert.isFalse(isTokenText(token), JSON.stringify(token)?.slice(0, 20))
  })
})

describe("S-125 scopes", () => {
  it("have the characters of RFC 6749 §3.3, and 255 of them at most", () => {
    for (const scope of ["!", "#", "[", "]", "~", "read:user", "s".repeat(255)])
      assert.isTrue(isScope(scope), scope.slice(0, 20))
    for (const scope of ["", " ", '"', "\\", "\u007f", "a b", "a\0", "é", "s".repeat(256), 1, null])
      assert.isFalse(isScope(scope), JSON.stringify(scope).slice(0, 20))
  })

  it("of a list are each told once, a thousand at most, without what nobody can ask for", () => {
    assert.deepStrictEqual(parseScopes("read  write read a\0b \ud800 admin"), [
      "read",
      "write",
      "admin"
    ])
    assert.deepStrictEqual(parseScopes(""), [])
    const many = Array.from({ length: 1001 }, (_, index) => `s${index}`)
    assert.deepStrictEqual(parseScopes(many.join(" ")), many.slice(0, 1000))
  })
})

describe("S-125 text that is stored", () => {
  it("is whole, without NUL, and no longer than there is room", () => {
    assert.strictEqual(storableText("añ\u{1f3e0}", 5), "añ\u{1f3e0}")
    assert.strictEqual(storableText("a".repeat(5), 5), "aaaaa")
    for (const text of ["", "aaaaaa", "a\0", "\ud800", "a\udc00"])
      assert.isUndefined(storableText(text, 5), JSON.stringify(text))
  })

  it("may be a whole number, as far as JavaScript has kept it", () => {
    assert.strictEqual(storableText(12_345, 5), "12345")
    assert.strictEqual(storableText(-1, 5), "-1")
    assert.strictEqual(storableText(Number.MAX_SAFE_INTEGER, 20), "9007199254740991")
    for (const value of [123_456, 1.5, 2 ** 53, Number.NaN, true, null, undefined, {}, ["a"]])
      assert.isUndefined(storableText(value, 5), JSON.stringify(value))
    assert.isUndefined(storableText(2 ** 53, 20))
  })

  it("is shown only if it could be stored", () => {
    assert.lengthOf(shownText("a".repeat(255), 300) ?? "", 255)
    assert.isUndefined(shownText("a".repeat(256), 300))
    assert.isUndefined(shownText("a\0", 200))
    assert.strictEqual(shownText(7, 200), "7")
  })
})
