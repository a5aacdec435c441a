import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseSync, type TSType, Visitor } from "oxc-parser"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")

/**
 * What runs in a host's process: the simulator and the suites are for tests, the catalogue is data, a command has a process
 * of its own, which ends with it, and pages run at people's.
 */
const files = globSync("packages/*/src/**/*.ts", { cwd: root }).filter(
  (path) => !/^packages\/(?:cli|elements|headless|providers|react|testing)\//.test(path)
)

/** The functions that a host gives, by the type that they stand in, and what the log calls each. */
const ofHosts: Readonly<Record<string, string>> = {
  AdmitsOrigin: "appOrigins",
  AuthenticateFunction: "authenticate",
  "ClientAddress.ask": "trustProxy",
  ClientOf: "clientOf",
  "CommonProviderConfig.availability": "availability",
  "DetailsFirstLogger.error": "logger",
  "DetailsFirstLogger.info": "logger",
  "DetailsFirstLogger.warn": "logger",
  "OptionsWithStore.allowRedirect": "allowRedirect",
  "OptionsWithStore.onSecurityEvent": "onSecurityEvent",
  "OptionsWithStore.resolveSession": "resolveSession",
  "OptionsWithStore.tenantName": "tenantName",
  "HttpSettings.resolveSession": "resolveSession",
  "ImportOptions.onProgress": "onProgress",
  "JobAdmin.onProgress": "onProgress",
  "HostAuthKind.check": "authKinds.check",
  "HostAuthKind.configure": "authKinds.configure",
  "HostAuthKind.renew": "authKinds.renew",
  "HostAuthKind.use": "authKinds.use",
  "KeyManagementPromise.unwrap": "keyManagement.unwrap",
  "KeyManagementPromise.wrap": "keyManagement.wrap",
  MayBind: "mayBind",
  "MessageFirstLogger.error": "logger",
  "MessageFirstLogger.info": "logger",
  "MessageFirstLogger.warn": "logger",
  "NodeHandlerOptions.trustProxy": "trustProxy",
  "SessionOptions.csrf": "session.csrf",
  "SessionOptions.resolve": "session.resolve",
  TenantOf: "tenantOf",
  UserOf: "userOf"
}

/** Types whose functions Hawser makes, or whose calls are bounded where statements and requests are. */
const others = new Set([
  // What Hawser gives to a host.
  "ActingConnection",
  "Acts",
  "AnswerFunction",
  "Client",
  "Connection",
  "Connections",
  "Connects",
  "Credentials",
  "EventDelivery",
  "EventSubscription",
  "ExpressMiddleware",
  "HandlerRequest",
  "Hawser",
  "HawserAdmin",
  "HawserJobs",
  "JobAdmin",
  "SendToProvider",
  "Subscribes",
  "Running",
  "RunningHawser",
  "RunningJobs",
  // What Hawser's own parts give to each other.
  "AddressRule",
  "AttemptWatch",
  "DeclaredKind",
  "CallbackInput",
  "Called",
  "CaptureSource",
  "ExchangePlan",
  "FlowBinding",
  "GrantKind",
  "HostFunction",
  // The database's, for an operator: its calls are statements.
  "Inspection",
  "MemoryState",
  "Migration",
  "ReadAnswer",
  "Opened",
  "RateLimit",
  "Reach",
  "OAuth2Addition",
  // The command line's, in the process of a command.
  "OptionsReader",
  "Refuse",
  "Resolve",
  "SealedColumn",
  "SealedValue",
  "ServerAdmission",
  "ServerHealth",
  "ShutdownState",
  "Slot",
  "Subscriber",
  "TaggedErrors",
  "Write",
  "WrittenListeners",
  // In a page's process: it has the promise that they are called for in its hands.
  "CreateClientOptions",
  // The host's own database.
  "PgPool",
  "PgPoolClient",
  "PgQuery",
  "PgQueryable",
  "PgliteDatabase",
  "PgliteModule"
])

const isFunction = (type: TSType | undefined, text: string): boolean => {
  if (type?.type === "TSParenthesizedType") return isFunction(type.typeAnnotation, text)
  if (type?.type === "TSUnionType") return type.types.some((one) => isFunction(one, text))
  // What answers an Effect is a service, and its failures have types.
  return (
    type?.type === "TSFunctionType" &&
    !/\b(?:Effect|Layer|Stream)\./.test(text.slice(type.start, type.end))
  )
}

/** Every function-typed member of an exported type, and every exported type of a function. */
const functionsGiven = (path: string): ReadonlyArray<string> => {
  const text = read(path)
  const found: Array<string> = []
  let container: string | undefined
  new Visitor({
    TSInterfaceDeclaration: ({ id }) => void (container = id.name),
    "TSInterfaceDeclaration:exit": () => void (container = undefined),
    TSTypeAliasDeclaration: ({ id, typeAnnotation }) => {
      container = id.name
      if (isFunction(typeAnnotation, text)) found.push(id.name)
    },
    "TSTypeAliasDeclaration:exit": () => void (container = undefined),
    TSPropertySignature: ({ key, typeAnnotation }) => {
      if (container === undefined || key.type !== "Identifier") return
      if (isFunction(typeAnnotation?.typeAnnotation, text)) found.push(`${container}.${key.name}`)
    },
    TSMethodSignature: ({ key }) => {
      if (container !== undefined && key.type === "Identifier")
        found.push(`${container}.${key.name}`)
    }
  }).visit(parseSync(path, text).program)
  return found
}

test("S-71 each function that a host may give is known to go through the door", () => {
  const given = files.flatMap(functionsGiven)
  const unknown = given.filter(
    (name) => !(name in ofHosts) && !others.has(name.split(".")[0] ?? name)
  )
  expect(unknown).toEqual([])
  const types = new Set(given.map((name) => name.split(".")[0]))
  expect(Object.keys(ofHosts).filter((name) => !given.includes(name))).toEqual([])
  expect([...others].filter((name) => !types.has(name))).toEqual([])
})

test("S-71 each of them has a row in a table that says what is safe when it fails", () => {
  const table = [
    "packages/hawser/test/hooks.test.ts",
    "packages/hawser/test/auth-kind.test.ts",
    "tests/core/github-app.test.ts"
  ]
    .map(read)
    .join("")
  const isThere = (hook: string) =>
    new RegExp(`hook: "${hook.replace(".", "\\.")}"|S-71 ${hook}`).test(table)
  expect([...new Set(Object.values(ofHosts))].filter((hook) => !isThere(hook))).toEqual([])
})

/** The ways through the door, each of which ends in `askHost` or says why not. */
const doors = new Set(["askHost", "tellHost", "callHandler", "hostAnswer", "asked", "tell"])

/** Calls by the name of a host's function, in a file that knows its type, that no door stands around. */
const callsPastTheDoor = (path: string): ReadonlyArray<string> => {
  const text = read(path)
  const names = new Set(
    Object.keys(ofHosts).flatMap((place) => {
      const [type = place, member] = place.split(".")
      if (!new RegExp(`\\b${type}\\b`).test(text)) return []
      // A type of a function is known by the name of its member, which begins small.
      return [member ?? type.charAt(0).toLowerCase() + type.slice(1)]
    })
  )
  const found: Array<string> = []
  let depth = 0
  new Visitor({
    CallExpression: ({ callee, end, start }) => {
      const name =
        callee.type === "Identifier"
          ? callee.name
          : callee.type === "MemberExpression" && callee.property.type === "Identifier"
            ? callee.property.name
            : undefined
      if (name === undefined) return
      const isOwn =
        callee.type === "MemberExpression" &&
        /^(?:Promise|Effect|Schema)\b/.test(text.slice(callee.object.start))
      if (doors.has(name)) depth += 1
      else if (names.has(name) && depth === 0 && !isOwn)
        found.push(`${path}: ${text.slice(start, end)}`)
    },
    "CallExpression:exit": ({ callee }) => {
      if (callee.type === "Identifier" && doors.has(callee.name)) depth -= 1
    }
  }).visit(parseSync(path, text).program)
  return found
}

test("S-71 no function of a host's is called but through the door", () => {
  expect(files.flatMap(callsPastTheDoor)).toEqual([])
})
