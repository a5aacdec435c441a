// The page of a host: it knows the contract and nothing else of Hawser.
const api = "/v1/integrations"
const byId = (id) => document.getElementById(id)
/** Which providers are simulated, and what their forms take. A real host's page asks nobody this. */
let simulated = new Map()
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
  access_denied: "you did not allow access, so nothing was connected.",
  already_connected: "it was connected already.",
  insufficient_scope: "the provider granted less than is needed.",
  provider_unavailable: "the provider did not answer. Try again later."
}

/** What the provider's page sent the browser back with; then the address bar is clean again. */
const readReturn = async () => {
  const query = new URLSearchParams(location.search)
  const fragment = new URLSearchParams(location.hash.slice(1))
  const status = query.get("status")
  if (status === null) return
  history.replaceState(null, "", "/")
  const provider = query.get("provider")
  const { items } = await call("GET", "/catalog")
  const name = items.find((item) => item.provider === provider)?.displayName ?? provider
  if (status === "connected") say(`${name} is connected.`)
  else if (status === "pending") {
    await call("POST", `/${provider}/complete`, { flowId: fragment.get("flowId") })
    say(`${name} is connected.`)
  } else
    say(`${name}: ${failures[query.get("error")] ?? "connecting did not work. Try again."}`, true)
}

/** What the person has filled in; optional fields that are empty are left out. */
const valuesOf = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""))

const actions = {
  oauth2: async (item, form) => {
    const answer = await call("POST", `/${item.provider}/connect`, {
      redirectUrl: `${location.origin}/`,
      ...(item.fields && { fields: valuesOf(form) })
    })
    location.assign(answer.authorizationUrl)
  },
  api_key: async (item, form) => {
    const { credentialId } = await call("POST", `/${item.provider}/credentials`, {
      credentials: valuesOf(form)
    })
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

const group = (name, value) => {
  const node = element("div", "")
  node.append(element("dt", name), value)
  return node
}

const details = (integration) => {
  const scopes = element("dd", "")
  scopes.append(...integration.scopes.map((scope) => element("span", scope)))
  const at = new Date(integration.connectedAt).toLocaleString("en-GB")
  return [
    group("Connected", element("dd", `${at} by ${integration.connectedBy}`)),
    ...(integration.scopes.length > 0 ? [group("Scopes", scopes)] : [])
  ]
}

const choice = (field) => {
  const select = document.createElement("select")
  if (!field.required) select.append(new Option("The provider's default", ""))
  select.append(...field.choices.map((value) => new Option(value)))
  return select
}

const textInput = (field) =>
  Object.assign(document.createElement("input"), {
    type: field.secret ? "password" : "text",
    autocomplete: "off",
    ...(field.pattern && { pattern: field.pattern })
  })

const fieldInput = (field) => {
  const label = element("label", field.label)
  const input = field.choices ? choice(field) : textInput(field)
  Object.assign(input, { name: field.name, required: field.required })
  label.append(input, ...(field.help ? [element("small", field.help)] : []))
  return label
}

/** What a simulated provider takes: it knows one account, and no other keys than that one's. */
const sampleValues = (item, form) => {
  const samples = Object.entries(simulated.get(item.provider) ?? {})
  if (samples.length === 0) return []
  const list = document.createElement("dl")
  list.append(
    ...samples.flatMap(([name, value]) => [element("dt", name), element("dd", value, "sample")])
  )
  const fill = Object.assign(element("button", "Fill them in", "quiet"), { type: "button" })
  fill.addEventListener("click", () => {
    for (const [name, value] of samples) form.elements.namedItem(name).value = value
  })
  const box = element("div", `The simulated ${item.displayName} takes these values and no others:`)
  box.className = "samples"
  box.append(list, fill)
  return [box]
}

const docsLink = (href) =>
  Object.assign(element("a", "docs"), { href, target: "_blank", rel: "noreferrer" })

/** The fields come when somebody wants to connect. */
const openForm = (item, form, button) => {
  form.classList.add("open")
  form.prepend(...sampleValues(item, form), ...item.fields.map(fieldInput))
  button.textContent = item.authType === "oauth2" ? "Go on" : "Check and connect"
  form.querySelector("input, select").focus()
}

const card = (item, integration) => {
  const connected = integration?.status === "connected"
  const node = byId("card").content.firstElementChild.cloneNode(true)
  const find = (selector) => node.querySelector(selector)
  node.dataset.provider = item.provider
  node.dataset.status = integration?.status ?? "new"
  find(".logo").textContent = item.displayName[0]
  if (item.brandColor) find(".logo").style.background = item.brandColor
  find("h3").textContent = item.displayName
  find(".category").append(
    `${item.category} · ${item.authType === "oauth2" ? "OAuth2" : "API key"}`,
    ...(item.docsUrl ? [" · ", docsLink(item.docsUrl)] : [])
  )
  find(".status").textContent = connected ? "Connected" : ""
  find(".description").textContent = item.description
  const form = find("form")
  if (connected) {
    find("dl").hidden = false
    find("dl").append(...details(integration))
    if (user() === "ada") form.append(element("button", "Disconnect", "quiet"))
  } else form.append(element("button", "Connect"))
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const button = event.submitter
    if (!connected && item.fields && !form.elements.namedItem(item.fields[0].name))
      return openForm(item, form, button)
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
  const cards = (items) => items.map((item) => card(item, integrations.get(item.provider)))
  const [played, own] = [true, false].map((is) =>
    catalog.items.filter(({ provider }) => simulated.has(provider) === is)
  )
  byId("own").hidden = own.length === 0
  byId("catalog").replaceChildren(...cards(own))
  byId("simulated").replaceChildren(...cards(played))
  await inspect()
}

/** What the vendors were asked, and what they would not have taken. */
const inspect = async () => {
  const { requests, violations } = await (await fetch("/demo/inspector")).json()
  const lines = requests.map(({ kinds, method, provider, status, url }) => {
    const line = element("li", "", status >= 400 ? "gone" : "")
    line.append(
      element("strong", `${provider ?? "nobody"}: ${kinds.join(", ") || "unknown"}`),
      element("span", `${status ?? "cut"} `),
      element("br", ""),
      element("code", `${method} ${url}`)
    )
    return line
  })
  const objections = violations.map((one) =>
    element("li", `Objection: ${JSON.stringify(one)}`, "gone")
  )
  if (lines.length > 0) byId("requests").replaceChildren(...objections, ...lines)
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
  inspect().catch((error) => say(error.message, true))
})

for (const choice of document.querySelectorAll("input[name=user]")) {
  choice.addEventListener("change", () => {
    byId("notice").hidden = true
    show().catch((error) => say(error.message, true))
  })
}
const start = async () => {
  simulated = new Map(Object.entries(await (await fetch("/demo/simulated")).json()))
  await readReturn()
  await show()
}
start().catch((error) => say(error.message, true))
