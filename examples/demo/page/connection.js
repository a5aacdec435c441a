// A connection on the page: what it is, what is wrong with it, and what can be done about it.
import { attempt, button, element, pair, say } from "./dom.js"
import { askForMissing, connect } from "./flows.js"
import { askDemo, hasNames, hawser, mayChange, nameOf, user } from "./host.js"
import { tested, trouble, used } from "./words.js"

const day = (timestamp) => new Date(timestamp).toLocaleString("en-GB")

const badges = ({ error, missingScopes, status }) => [
  status === "connected"
    ? element("span", "Connected", "badge good")
    : element(
        "span",
        error === undefined || status === "error" ? "Not working" : "Ended",
        "badge bad"
      ),
  ...missingScopes.map((scope) => element("span", `Lacks ${scope}`, "badge warn"))
]

const details = ({ connectedAt, connectedBy, scopes }) => {
  const granted = element("dd")
  granted.append(...scopes.map((scope) => element("span", scope)))
  const list = element("dl")
  list.append(
    pair("Connected", element("dd", `${day(connectedAt)} by ${nameOf(connectedBy)}`)),
    ...(scopes.length > 0 ? [pair("Scopes", granted)] : [])
  )
  return list
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

export const disconnect = async ({ integrationId }, displayName) => {
  await hawser.disconnect({ params: { provider: integrationId } })
  say(`${displayName} is disconnected; what was stored of it is destroyed.`)
}

/** The buttons, each with what it does. */
const deeds = (connection, { authType, displayName }) => {
  const isLive = connection.status !== "disconnected"
  const isManaged = mayChange(connection.owner)
  const isOAuth = authType === "oauth2"
  return [
    isManaged && isOAuth && connection.error !== undefined && ["Reconnect", connect, ""],
    isManaged && connection.missingScopes.length > 0 && ["Reconnect", askForMissing, ""],
    isLive && isOAuth && ["Call its API", callApi],
    isLive && isManaged && !isOAuth && ["Test", testKey],
    isLive && isManaged && ["Disconnect", disconnect]
  ]
    .filter(Boolean)
    .map(([text, act, className]) => ({ text, className, act: () => act(connection, displayName) }))
}

export const connectionRow = (connection, item, reload) => {
  const { accountLabel, name, owner, provider } = connection
  const row = element("li")
  row.dataset.name = name
  const title = element("p", "", "title")
  title.append(
    ...(hasNames(provider) ? [element("strong", name)] : []),
    ...(accountLabel === undefined ? [] : [element("span", accountLabel)]),
    ...badges(connection)
  )
  const reason = trouble(connection, item.displayName)
  const actions = element("div", "", "actions")
  const about = `${item.displayName} ${name}, ${owner === "user" ? "mine" : "the company's"}`
  for (const { act, className, text } of deeds(connection, item)) {
    const node = button(text, about, className)
    node.addEventListener("click", () => attempt(node, () => act().then(reload)))
    actions.append(node)
  }
  row.append(
    title,
    ...(reason === undefined ? [] : [element("p", reason, "reason")]),
    details(connection),
    actions
  )
  return row
}

/** Another person's connection, of which an admin sees no more than that it is there. */
export const othersRow = (connection, displayName, reload) => {
  const row = element("li")
  const owner = nameOf(connection.userId)
  const title = element("p", "", "title")
  title.append(
    element("strong", displayName),
    element("span", owner),
    element(
      "span",
      connection.status === "connected" ? "Connected" : "Not working",
      `badge ${connection.status === "connected" ? "good" : "bad"}`
    )
  )
  const node = button("Disconnect", `${displayName} of ${owner}`)
  node.addEventListener("click", () =>
    attempt(node, () => disconnect(connection, `${displayName} of ${owner}`).then(reload))
  )
  const actions = element("div", "", "actions")
  actions.append(node)
  row.append(title, element("dl"), actions)
  row.querySelector("dl").append(pair("Connected", element("dd", day(connection.connectedAt))))
  return row
}
