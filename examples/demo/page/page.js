// The page of a host: it knows the contract and nothing else of Hawser.
const api = "/v1/integrations"
const byId = (id) => document.getElementById(id)
const user = () => document.querySelector("input[name=user]:checked").value

const call = async (method, path, body) => {
  const { token } = await (await fetch(`/demo/token?user=${user()}`)).json()
  const response = await fetch(api + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { "content-type": "application/json" })
    },
    ...(body && { body: JSON.stringify(body) })
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.message)
  return answer
}

const say = (text, bad = false) => {
  const notice = byId("notice")
  notice.textContent = text
  notice.className = bad ? "bad" : ""
  notice.hidden = false
}

const failures = {
  access_denied: "You did not allow access, so nothing was connected.",
  already_connected: "It was connected already.",
  insufficient_scope: "The provider granted less than is needed.",
  provider_unavailable: "The provider did not answer. Try again later."
}

/** What the provider's page sent the browser back with; then the address bar is clean again. */
const readReturn = async () => {
  const query = new URLSearchParams(location.search)
  const fragment = new URLSearchParams(location.hash.slice(1))
  const status = query.get("status")
  if (status === null) return
  history.replaceState(null, "", "/")
  const provider = query.get("provider")
  if (status === "connected") say(`${provider} is connected.`)
  else if (status === "pending") {
    await call("POST", `/${provider}/complete`, { flowId: fragment.get("flowId") })
    say(`${provider} is connected.`)
  } else say(failures[query.get("error")] ?? "Connecting did not work. Try again.", true)
}

const actions = {
  oauth2: async (item) => {
    const answer = await call("POST", `/${item.provider}/connect`, {
      redirectUrl: `${location.origin}/`
    })
    location.assign(answer.authorizationUrl)
  },
  api_key: async (item, form) => {
    const credentials = Object.fromEntries(new FormData(form))
    const { credentialId } = await call("POST", `/${item.provider}/credentials`, { credentials })
    await call("POST", `/${item.provider}/connect`, { credentialId })
    say(`${item.displayName} accepted the key and is connected.`)
  }
}

/** Not a route of the contract's yet: the host offers it and calls `hawser.disconnect`. */
const disconnect = async (item) => {
  await fetch(`/demo/disconnect?provider=${item.provider}`, { method: "POST" })
  say(`${item.displayName} is disconnected; its tokens are destroyed.`)
}

const element = (name, text, className = "") =>
  Object.assign(document.createElement(name), { textContent: text, className })

const details = (integration) => {
  const scopes = element("dd", "")
  scopes.append(...integration.scopes.map((scope) => element("span", scope)))
  return [
    element("dt", "Connected"),
    element(
      "dd",
      `${new Date(integration.connectedAt).toLocaleString("en-GB")} by ${integration.connectedBy}`
    ),
    ...(integration.scopes.length > 0 ? [element("dt", "Scopes"), scopes] : [])
  ]
}

const fieldInput = (field) => {
  const label = element("label", field.label)
  const input = Object.assign(document.createElement("input"), {
    type: field.secret ? "password" : "text",
    name: field.name,
    required: field.required,
    autocomplete: "off"
  })
  label.append(input, ...(field.help ? [element("small", field.help)] : []))
  return label
}

const card = (item, integration) => {
  const connected = integration?.status === "connected"
  const node = byId("card").content.firstElementChild.cloneNode(true)
  const find = (selector) => node.querySelector(selector)
  node.dataset.provider = item.provider
  node.dataset.status = integration?.status ?? "new"
  find(".logo").textContent = item.displayName[0]
  find("h3").textContent = item.displayName
  find(".category").textContent =
    `${item.category} · ${item.authType === "oauth2" ? "OAuth2" : "API key"}`
  find(".status").textContent = connected ? "Connected" : "Not connected"
  find(".description").textContent = item.description
  const form = find("form")
  if (connected) {
    find("dl").hidden = false
    find("dl").append(...details(integration))
    if (user() === "ada") form.append(element("button", "Disconnect", "quiet"))
  } else {
    form.append(...(item.fields ?? []).map(fieldInput))
    form.append(element("button", item.authType === "oauth2" ? "Connect" : "Check and connect"))
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const button = find("button")
    button.disabled = true
    try {
      await (connected ? disconnect(item) : actions[item.authType](item, form))
      await show()
    } catch (error) {
      say(error.message, true)
      button.disabled = false
    }
  })
  return node
}

const show = async () => {
  const [catalog, list] = await Promise.all([call("GET", "/catalog"), call("GET", "")])
  const integrations = new Map(list.items.map((integration) => [integration.provider, integration]))
  byId("catalog").replaceChildren(
    ...catalog.items.map((item) => card(item, integrations.get(item.provider)))
  )
}

const seen = new Set()
new EventSource("/demo/events").addEventListener("message", ({ data }) => {
  const event = JSON.parse(data)
  if (seen.has(event.id)) return
  seen.add(event.id)
  const line = element("li", "", event.event === "integration.disconnected" ? "gone" : "")
  line.append(
    element("strong", event.event),
    element("span", `${event.data.provider} `),
    element("time", new Date(event.timestamp).toLocaleTimeString("en-GB")),
    element("br", ""),
    element("code", event.data.integrationId)
  )
  byId("events").querySelector(".empty")?.remove()
  byId("events").prepend(line)
})

for (const choice of document.querySelectorAll("input[name=user]")) {
  choice.addEventListener("change", () => {
    byId("notice").hidden = true
    show().catch((error) => say(error.message, true))
  })
}
const start = async () => {
  await readReturn()
  await show()
}
start().catch((error) => say(error.message, true))
