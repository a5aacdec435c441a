import { types } from "@babel/core"
import type { NodePath } from "@babel/core"
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin"
import type { Ignorer } from "@stryker-mutator/api/ignore"

/** Words for people, whose change no test should have to notice. */
export const ignoredSentence = "a sentence or a name for people"

const isSentence = (text: string): boolean => /\s/.test(text) && /[.?]$/.test(text)

const namers: ReadonlySet<string> = new Set(["fn", "program", "Reference", "Service", "withSpan"])

/** `program("name")`, `Effect.fn("name")`, `Context.Service<…>()("name")`, `Context.Reference("name", …)`, `Effect.withSpan("name")`: names in traces and error messages. */
const isName = (path: NodePath): boolean => {
  const { parent } = path
  if (!types.isCallExpression(parent) || parent.arguments[0] !== path.node) return false
  const { callee } = parent
  const named = types.isCallExpression(callee) ? callee.callee : callee
  const name = types.isMemberExpression(named) ? named.property : named
  return types.isIdentifier(name) && namers.has(name.name)
}

class Sentences implements Ignorer {
  shouldIgnore(path: NodePath): string | undefined {
    if (path.isStringLiteral()) {
      if (isSentence(path.node.value) || isName(path)) return ignoredSentence
    }
    if (path.isTemplateLiteral()) {
      const last = path.node.quasis.at(-1)?.value.raw ?? ""
      if (isSentence(` ${last}`) && !/^\s*[.?]$/.test(last)) return ignoredSentence
    }
    return undefined
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Ignore, "sentences", Sentences)]
