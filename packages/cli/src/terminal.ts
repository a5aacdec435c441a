import { writeSync } from "node:fs"

/**
 * What a person or a program reads of a command. A host's own module may write to standard output while it is loaded, and
 * standard output of a command holds its answer alone: from the start on, everybody else's goes to standard error.
 */

const stdout = 1

/** In one piece, also into a pipe that is read slowly. */
const writeWhole = (text: string): void => {
  let rest: Uint8Array = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stdout, rest))
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined
      // Whoever read it has read enough, as `head` does.
      if (code === "EPIPE") return
      if (code !== "EAGAIN") throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** Characters that a terminal obeys, or that turn the order of a line: a vendor or a tenant may have chosen them. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`

/** Text as a terminal shows it, and nothing that it obeys. */
const plain = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replaceAll(obeyed, escaped))
    .join("\n")

/** The same in one line: somebody else's text begins no line that would pass for one of the command's. */
export const oneLine = (text: string): string => plain(text).replaceAll("\n", " ")

export const print = (text: string): void => writeWhole(`${plain(text)}\n`)

export const printJson = (value: unknown): void =>
  writeWhole(
    `${JSON.stringify(value, null, 2)
      .split("\n")
      .map((line) => line.replaceAll(obeyed, escaped))
      .join("\n")}\n`
  )

/** To standard error: progress, and what a command says beside its answer. */
export const note = (text: string): void => void process.stderr.write(`${plain(text)}\n`)

/** Whether a person can be asked. */
export const isTerminal = (): boolean => process.stdin.isTTY && process.stdout.isTTY

/** Lines under each other, each column as wide as its widest cell. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string => {
  const shown = [head, ...rows].map((row) => row.map(oneLine))
  const widths = head.map((_, at) => Math.max(...shown.map((row) => row[at]?.length ?? 0)))
  return shown
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** Sends what others write to standard output to standard error. */
export const keepStdout = (): void => {
  process.stdout.write = process.stderr.write.bind(process.stderr)
}
