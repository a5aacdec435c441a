import { globSync, readFileSync } from "node:fs"
import {
  type Class,
  type Expression,
  type ObjectExpression,
  type ObjectProperty,
  parseSync,
  Visitor
} from "oxc-parser"
import { docOf } from "../../scripts/api/declarations.ts"
import { workspace } from "../../scripts/steps.ts"
import { fence } from "./markdown.ts"

/** Every code of an error, with its cause and what to do, read from where the code is declared. */

interface SourceFile {
  readonly file: string
  readonly text: string
  readonly parsed: ReturnType<typeof parseSync>
}

export interface ErrorCode {
  readonly code: string
  /** The name of its class. */
  readonly name: string
  readonly cause: string
  readonly fix: string
  readonly status: number | undefined
  readonly retryable: boolean
  /** What the wire calls it, where that is another code. */
  readonly wire: string | undefined
  readonly messages: ReadonlyArray<string>
  /** Its members beside these, as they are declared. */
  readonly members: string | undefined
}

interface ProblemCode {
  readonly code: string
  readonly told: ReadonlyArray<{ readonly problem: string; readonly next: string }>
}

const parse = (file: string, text: string): SourceFile => ({
  file,
  text,
  parsed: parseSync(file, text)
})

const sources = (pattern: string): ReadonlyArray<SourceFile> =>
  globSync(pattern, { cwd: workspace, exclude: ["packages/*/src/catalogue/**"] })
    .toSorted()
    .map((file) => parse(file, readFileSync(`${workspace}${file}`, "utf8")))

/** The texts that an expression can become; what it reads at run time stands in angle brackets. */
const textsOf = (expression: Expression, source: SourceFile): ReadonlyArray<string> => {
  if (expression.type === "Literal")
    return typeof expression.value === "string" ? [expression.value] : []
  if (expression.type === "TemplateLiteral") {
    return expression.quasis.reduce<ReadonlyArray<string>>(
      (texts, { value }, index) => {
        const inner = index === 0 ? undefined : expression.expressions[index - 1]
        const middle = inner === undefined ? [""] : textsOf(inner, source)
        return texts.flatMap((text) =>
          middle.map((one) => `${text}${one}${value.cooked ?? value.raw}`)
        )
      },
      [""]
    )
  }
  if (expression.type === "ConditionalExpression")
    return [...textsOf(expression.consequent, source), ...textsOf(expression.alternate, source)]
  if (expression.type === "LogicalExpression") return textsOf(expression.right, source)
  if (expression.type === "MemberExpression" && expression.property.type === "Identifier")
    return [`<${expression.property.name}>`]
  if (expression.type === "Identifier")
    return constant(expression.name, source) ?? [`<${expression.name}>`]
  return ["<…>"]
}

/** What a constant of the same file says. */
const constant = (name: string, source: SourceFile): ReadonlyArray<string> | undefined => {
  for (const statement of source.parsed.program.body) {
    if (statement.type !== "VariableDeclaration") continue
    for (const { id, init } of statement.declarations) {
      if (id.type === "Identifier" && id.name === name && init !== null)
        return textsOf(init, source)
    }
  }
  return undefined
}

const docAbove = ({ parsed, text }: SourceFile, start: number): string => {
  const above = parsed.comments.findLast(({ end }) => end <= start)
  if (above === undefined) return ""
  return /^\s*(?:export\s+)?$/.test(text.slice(above.end, start)) ? docOf(above.value) : ""
}

/** What stands in a docblock before its tags, and behind `@fix`. */
const causeAndFix = (doc: string): { readonly cause: string; readonly fix: string } => {
  const [cause = "", ...tags] = doc.split(/^@/m)
  const fix = tags.find((tag) => tag.startsWith("fix ")) ?? ""
  return {
    cause: cause.replaceAll(/\s+/g, " ").trim(),
    fix: fix.slice("fix ".length).replaceAll(/\s+/g, " ").trim()
  }
}

const literal = (
  expression: Expression | null | undefined
): string | number | boolean | undefined =>
  expression?.type === "Literal" &&
  (typeof expression.value === "string" ||
    typeof expression.value === "number" ||
    typeof expression.value === "boolean")
    ? expression.value
    : undefined

const messagesOf = (body: Class["body"], source: SourceFile): ReadonlyArray<string> => {
  const messages: Array<string> = []
  for (const member of body.body) {
    if (!("key" in member) || member.key.type !== "Identifier" || member.key.name !== "message")
      continue
    if (member.type === "PropertyDefinition" && member.value !== null)
      messages.push(...textsOf(member.value, source))
    if (member.type === "MethodDefinition" && member.value.body !== null) {
      const returned: Array<Expression> = []
      new Visitor({
        ReturnStatement: ({ argument }) => {
          if (argument !== null) returned.push(argument)
        }
      }).visit({ ...source.parsed.program, body: member.value.body.body })
      messages.push(...returned.flatMap((expression) => textsOf(expression, source)))
    }
  }
  return [...new Set(messages)]
}

const codeOf = (declared: Class, source: SourceFile): Omit<ErrorCode, "wire"> | undefined => {
  const parent = declared.superClass
  const isError =
    parent?.type === "CallExpression" &&
    parent.callee.type === "Identifier" &&
    parent.callee.name === "TaggedError"
  if (!isError || declared.id === null) return undefined
  const values = new Map(
    declared.body.body.flatMap((member) =>
      member.type === "PropertyDefinition" && member.key.type === "Identifier"
        ? [[member.key.name, literal(member.value)] as const]
        : []
    )
  )
  const code = values.get("code")
  if (typeof code !== "string") return undefined
  const status = values.get("httpStatus")
  const [given] = declared.superTypeArguments?.params ?? parent.typeArguments?.params ?? []
  return {
    code,
    name: declared.id.name,
    ...causeAndFix(docAbove(source, declared.start)),
    status: typeof status === "number" ? status : undefined,
    retryable: values.get("retryable") === true,
    messages: messagesOf(declared.body, source),
    members:
      given?.type === "TSTypeLiteral"
        ? source.text
            .slice(given.start + 1, given.end - 1)
            .replaceAll(/^ {2}/gm, "")
            .trim()
        : undefined
  }
}

/** Throws, with the place, if a code is declared without a cause or without `@fix`. */
export const errorCodesOf = (
  file: string,
  text: string
): ReadonlyArray<Omit<ErrorCode, "wire">> => {
  const source = parse(file, text)
  const found: Array<Omit<ErrorCode, "wire">> = []
  new Visitor({
    ClassDeclaration: (declared) => {
      const error = codeOf(declared, source)
      if (error === undefined) return
      if (error.cause === "" || error.fix === "")
        throw new Error(
          `${file}: the docblock of ${error.name} (${error.code}) must say the cause, and after @fix what to do.`
        )
      found.push(error)
    }
  }).visit(source.parsed.program)
  return found
}

const propertiesOf = (object: ObjectExpression): ReadonlyMap<string, Expression> =>
  new Map(
    object.properties
      .filter((one): one is ObjectProperty => one.type === "Property")
      .map(({ key, value }) => [key.type === "Identifier" ? key.name : "", value])
  )

/** The codes that an answer has another word for. */
const wireWords = (): ReadonlyMap<string, string> => {
  const [source] = sources("packages/http/src/errorAnswer.ts")
  const words = new Map<string, string>()
  if (source === undefined) return words
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type !== "Identifier" || id.name !== "wireWords") return
      const object =
        init?.type === "TSSatisfiesExpression" && init.expression.type === "TSAsExpression"
          ? init.expression.expression
          : init
      if (object?.type !== "ObjectExpression") return
      for (const [code, value] of propertiesOf(object)) {
        words.set(code, textsOf(value, source)[0] ?? "")
      }
    }
  }).visit(source.parsed.program)
  if (words.size === 0) throw new Error(`${source.file} declares no wireWords.`)
  return words
}

export const errorCodes = (): ReadonlyArray<ErrorCode> => {
  const words = wireWords()
  return sources("packages/*/src/**/*.ts")
    .filter(({ text }) => text.includes("TaggedError("))
    .flatMap(({ file, text }) => errorCodesOf(file, text))
    .map((error) => ({ ...error, wire: words.get(error.code) }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
}

/** Of a text that is made at run time alone, nothing can be said. */
const sentence = (texts: ReadonlyArray<string>): string =>
  texts.filter((text) => /\w+ \w+/.test(text)).join(" / ") || "What was thrown, as it was thrown."

/** What the command line stops with. The compiler asks for a next step with each. */
const problemCodes = (): ReadonlyArray<ProblemCode> => {
  const codes = new Map<string, Array<{ problem: string; next: string }>>()
  for (const source of sources("packages/cli/src/**/*.ts")) {
    new Visitor({
      NewExpression: ({ arguments: given, callee }) => {
        const [object] = given
        if (callee.type !== "Identifier" || callee.name !== "Problem") return
        if (object?.type !== "ObjectExpression") return
        const members = propertiesOf(object)
        const [code, problem, next] = ["code", "problem", "next"].map((name) => members.get(name))
        if (code === undefined || problem === undefined || next === undefined) return
        const told = {
          problem: sentence(textsOf(problem, source)),
          next: sentence(textsOf(next, source))
        }
        for (const one of textsOf(code, source)) codes.set(one, [...(codes.get(one) ?? []), told])
      }
    }).visit(source.parsed.program)
  }
  return [...codes]
    .map(([code, told]) => ({ code, told }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
}

/** The words that a callback puts into the URL, each with its row of the page that says what to show for it. */
const flowFailures = (reconnecting: string): ReadonlyArray<string> => {
  const source = readFileSync(`${workspace}packages/core/src/model/Errors.ts`, "utf8")
  const [, list = ""] = /FlowFailure = Schema\.Literals\(\[(.*?)\]\)/s.exec(source) ?? []
  const words = [...list.matchAll(/"(?<word>\w+)"/g)].map(({ groups }) => groups?.["word"] ?? "")
  if (words.length === 0) throw new Error("No word of a callback was found.")
  return words.map((word) => {
    const row = reconnecting.split("\n").find((line) => line.startsWith(`| \`${word}\` | `))
    if (row === undefined)
      throw new Error(`docs/reconnecting.md has no row for the word ${word} of a callback.`)
    return row
  })
}

const sectionOf = (error: ErrorCode): string => {
  const { cause, code, fix, members, messages, name, retryable, status, wire } = error
  const answer =
    status === undefined
      ? "It is thrown in process, and has no status."
      : `The answer has the status ${status}${wire === undefined ? "" : `, and the wire calls it \`${wire}\``}.`
  return [
    `### ${code}`,
    `**Cause.** ${cause}`,
    `**Fix.** ${fix}`,
    `In process it is \`${name}\`. ${answer}${retryable ? " The same call may succeed later." : ""}`,
    ...(members === undefined ? [] : ["Its members:", fence("ts", members)]),
    ...(messages.length === 0 ? [] : ["What it says:", fence("text", messages.join("\n"))])
  ].join("\n\n")
}

export const errorsPage = (reconnecting: string): string => {
  const errors = errorCodes()
  const hidden = errors
    .filter(({ wire }) => wire === "internal_error")
    .map(({ code }) => `\`${code}\``)
    .join(" and ")
  return [
    "# Errors",
    [
      "Each code with its cause and its fix, made of the declarations. A code is stable; a sentence may change. In process,",
      "`isHawserError(error, code)` tells errors apart. In an answer, `error` is the code. [Tokens](../tokens.md) says",
      "more of the errors of a call, and [Connecting again](../reconnecting.md) what a page shows."
    ].join("\n"),
    "## In process and in answers",
    ...errors.map(sectionOf),
    "### internal_error",
    "**Cause.** Something went wrong on the server, and nothing more is told outside of it.",
    `**Fix.** Find \`requestId\` of the answer in the host's log. ${hidden} look so from outside.`,
    "## Words of a callback",
    "They stand in the redirect URL as `error`, and in `reason` of `connect_failed`.",
    [
      "| `error` | what happened | a text to show |",
      "|---|---|---|",
      ...flowFailures(reconnecting)
    ].join("\n"),
    "## The command line",
    "`npx hawser` prints a problem and its next step, or both as JSON with `--json`. It may also stop with a code from above.",
    ...problemCodes().flatMap(({ code, told }) => [
      `### ${code}`,
      ...told.flatMap(({ next, problem }) => [`**Cause.** ${problem}`, `**Fix.** ${next}`])
    ]),
    ""
  ].join("\n\n")
}
