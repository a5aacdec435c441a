// The settings page of a host: two elements for its people and one for its admins. The rest is what only a sample host has.
import "@hawser/elements"
import "@hawser/elements/health"

const byId = (id) => document.getElementById(id)

/** Asks the sample host itself. */
const ask = async (method, path, query = {}) => {
  const response = await fetch(`/demo/${path}?${new URLSearchParams(query)}`, { method })
  if (!response.ok) throw new Error(`The host answered ${response.status}.`)
  return response.json()
}

/** Who is signed in still is when a provider's page leads back here. Somebody else gets the page anew. */
const user = sessionStorage.getItem("user") ?? "ada"
const isAdmin = user === "ada"
const users = {}
for (const choice of document.querySelectorAll("input[name=user]")) {
  users[choice.value] = choice.nextSibling.textContent.trim()
  choice.checked = choice.value === user
  choice.addEventListener("change", () => {
    sessionStorage.setItem("user", choice.value)
    location.reload()
  })
}

byId("company").toggleAttribute("readonly", !isAdmin)
byId("health").parentElement.hidden = !isAdmin
const elements = isAdmin
  ? [byId("company"), byId("mine"), byId("health")]
  : [byId("company"), byId("mine")]
for (const element of elements) {
  element.users = users
  element.token = async () => (await ask("GET", "token", { user })).token
}

const line = (title, isBad, ...about) => {
  const item = document.createElement("li")
  item.className = isBad ? "bad" : ""
  const strong = document.createElement("strong")
  strong.textContent = title
  item.append(strong, ...about)
  return item
}

const code = (text) => Object.assign(document.createElement("code"), { textContent: text })

/** What the vendors were asked, and what they would not have taken. */
const inspect = async () => {
  const { requests, violations } = await ask("GET", "inspector")
  if (requests.length > 0)
    byId("requests").replaceChildren(
      ...violations.map((one) => line("Objection", true, code(JSON.stringify(one)))),
      ...requests.map(({ kinds, method, provider, status, url }) =>
        line(
          `${provider ?? "nobody"}: ${kinds.join(", ") || "unknown"}`,
          status >= 400,
          String(status ?? "cut"),
          code(`${method} ${url}`)
        )
      )
    )
}

/** Shows each event once, however often the stream begins again. */
const seen = new Set()
let soon
new EventSource("/demo/events").addEventListener("message", ({ data: text }) => {
  const { data, event, id, timestamp } = JSON.parse(text)
  if (seen.has(id)) return
  if (seen.size === 0) byId("events").replaceChildren()
  seen.add(id)
  const whose = data.owner === "user" ? ` of ${users[data.userId] ?? data.userId}` : ""
  const isBad = event === "integration.disconnected" || event === "integration.error"
  const at = new Date(timestamp).toLocaleTimeString("en-GB")
  byId("events").prepend(
    line(
      event,
      isBad,
      `${data.provider} ${data.name}${whose}, ${at}`,
      code([data.reason ?? data.error, data.integrationId].filter(Boolean).join(" "))
    )
  )
  // The stream begins with the last twenty, and they need one look.
  clearTimeout(soon)
  soon = setTimeout(() => {
    for (const element of elements) element.refresh()
    void inspect()
  }, 50)
})

const deeds = {
  call: async (provider) => {
    const outcomes = await ask("POST", "call", { provider, user })
    return (
      outcomes
        .map(({ error, name, owner, status }) => {
          const whose = owner === "user" ? "Mine" : "The company's"
          return `${whose} (${name}): ${error ?? `its API answered ${status}`}.`
        })
        .join(" ") || "Nothing is connected there."
    )
  },
  revoke: async (provider) => {
    await ask("POST", "revoke", { provider })
    return "All that it had granted has ended there, and nobody was told. The host learns it when it next calls the API."
  }
}
const act = async (deed, provider, output) => {
  output.textContent = ""
  output.textContent = await deeds[deed](provider).catch((error) => error.message)
  await inspect()
}
byId("behind").addEventListener("submit", (event) => {
  event.preventDefault()
  const form = event.currentTarget
  void act(event.submitter.value, form.elements.provider.value, form.querySelector("output"))
})

const { items } = await (await fetch("/v1/integrations/catalog")).json()
byId("mine").parentElement.hidden = !items.some(({ ownedBy = [] }) => ownedBy.includes("user"))
for (const { authType, displayName, provider } of items)
  // Only OAuth2 has an access that can be withdrawn at the provider.
  if (authType === "oauth2")
    byId("behind").elements.provider.append(new Option(displayName, provider))
await inspect()
