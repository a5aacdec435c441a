// A connection on the page: what it is, what is wrong with it, and what can be done about it.
import { attempt, button, element, pair, say } from "./dom.js"
import { askForMissing, connect } from "./flows.js"
import { askDemo, hasNames, hawser, mayChange, nameOf, user, whose } from "./host.js"
import { tested, trouble, used } from "./words.js"

const badge = (text, kind) => element("span", text, `badge ${kind}`)

const statusBadge = ({ status }) =>
  ({ connected: badge("Connected", "good"), error: badge("Not working", "bad") })[status] ??
  badge("Ended", "bad")

const day = (timestamp) => new Date(timestamp).toLocaleString("en-GB")

/** A line of a list. Each deed is a text, what it does and how its button looks. */
const line = ({ about, deeds, facts, reason, title }, reload) => {
  const heading = element("p", "", "title")
  heading.append(...title)
  const list = element("dl")
  list.append(...facts)
  const actions = element("div", "", "actions")
  for (const [text, act, className] of deeds) {
    const node = button(text, about, className)
    node.addEventListener("click", () => attempt(node, () => act().then(reload)))
    actions.append(node)
  }
  const node = element("li")
  node.append(heading, ...(reason ? [element("p", reason, "reason")] : []), list, actions)
  return node
}

/** The host's own code uses the connection; it learns there what the provider has not told. */
const callApi = async ({ integrationId }, displayName) => {
  const outcome = await askDemo("POST", "call", { user: user(), integration: integrationId })
  say(used(outcome, displayName), outcome.status !== 200)
}

const testKey = async ({ integrationId }, displayName) => {
  const outcome = await hawser.test({ params: { provider: integrationId } })
  say(tested(outcome, displayName), outcome.status !== "ok")
}

const disconnect = async ({ integrationId }, what) => {
  await hawser.disconnect({ params: { provider: integrationId } })
  say(`${what} is disconnected; what was stored of it is destroyed.`)
}

const deedsOf = (connection, { authType, displayName }) => {
  const isLive = connection.status !== "disconnected"
  const isManaged = mayChange(connection.owner)
  const isOAuth = authType === "oauth2"
  const lacksScopes = connection.missingScopes.length > 0
  return [
    ...(isManaged && isOAuth && connection.error
      ? [["Reconnect", () => connect(connection), ""]]
      : []),
    ...(isManaged && lacksScopes ? [["Reconnect", () => askForMissing(connection), ""]] : []),
    ...(isLive && isOAuth ? [["Call its API", () => callApi(connection, displayName)]] : []),
    ...(isLive && isManaged && !isOAuth ? [["Test", () => testKey(connection, displayName)]] : []),
    ...(isLive && isManaged ? [["Disconnect", () => disconnect(connection, displayName)]] : [])
  ]
}

const granted = (scopes) => {
  const list = element("dd")
  list.append(...scopes.map((scope) => element("span", scope)))
  return list
}

export const connectionLine = (connection, item, reload) => {
  const { accountLabel, connectedAt, connectedBy, missingScopes, name, owner, scopes } = connection
  return line(
    {
      about: `${item.displayName} ${name}, ${whose(owner)}`,
      title: [
        ...(hasNames(item.provider) ? [element("strong", name)] : []),
        ...(accountLabel ? [element("span", accountLabel)] : []),
        statusBadge(connection),
        ...missingScopes.map((scope) => badge(`Lacks ${scope}`, "warn"))
      ],
      reason: trouble(connection, item.displayName),
      facts: [
        pair("Connected", element("dd", `${day(connectedAt)} by ${nameOf(connectedBy)}`)),
        ...(scopes.length > 0 ? [pair("Scopes", granted(scopes))] : [])
      ],
      deeds: deedsOf(connection, item)
    },
    reload
  )
}

/** Another person's connection, of which an admin sees no more than that it is there. */
export const othersLine = (connection, displayName, reload) => {
  const owner = nameOf(connection.userId)
  const about = `${displayName} of ${owner}`
  return line(
    {
      about,
      title: [element("strong", displayName), element("span", owner), statusBadge(connection)],
      facts: [pair("Connected", element("dd", day(connection.connectedAt)))],
      deeds: [["Disconnect", () => disconnect(connection, about)]]
    },
    reload
  )
}
