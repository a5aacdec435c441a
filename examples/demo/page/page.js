// The page of a host: it shows what is connected, by owner, through `hawser/client`.
import { card } from "./card.js"
import { othersLine } from "./connection.js"
import { attempt, say } from "./dom.js"
import { listen } from "./events.js"
import { finish } from "./flows.js"
import { askDemo, byId, hawser, providersOf, user } from "./host.js"

/** By provider: what the catalogue says. */
let catalog = new Map()
/** By simulated provider: what its form takes. */
let samples = {}

const displayNameOf = (provider) => catalog.get(provider)?.displayName ?? provider

/** What an owner has ended is gone from the page; what the provider ended is not. */
const isShown = ({ error, status }) => status !== "disconnected" || error !== undefined

/** Puts a new card in the place of the old one if it says something else; a form that somebody is filling in stays. */
const put = (parent, key, data, make) => {
  const old = [...parent.children].find((child) => child.dataset.key === key)
  const shown = JSON.stringify(data)
  if (old?.dataset.shown === shown) return
  const node = make()
  Object.assign(node.dataset, { key, shown })
  if (old === undefined) return parent.append(node)
  if (old.querySelector("form.open")) {
    old.dataset.shown = shown
    return old.querySelector(".connections").replaceWith(node.querySelector(".connections"))
  }
  const hadFocus = old.contains(document.activeElement)
  old.replaceWith(node)
  if (hadFocus) node.querySelector("button")?.focus()
}

let turn = 0

const show = async () => {
  const mine = ++turn
  const { items } = await hawser.list()
  // Another look began meanwhile, maybe another person's.
  if (mine !== turn) return
  const own = items.filter((item) => "name" in item && isShown(item))
  for (const [owner, providers] of Object.entries(providersOf)) {
    for (const provider of providers) {
      const connections = own.filter((one) => one.provider === provider && one.owner === owner)
      const context = {
        owner,
        reload: show,
        isSimulated: provider in samples,
        samples: samples[provider] ?? {}
      }
      put(byId(owner), provider, [user(), connections], () =>
        card(catalog.get(provider), connections, context)
      )
    }
  }
  const others = items.filter((item) => !("name" in item) && item.status !== "disconnected")
  byId("others").closest("section").hidden = others.length === 0
  byId("others").replaceChildren(
    ...others.map((one) => othersLine(one, displayNameOf(one.provider), show))
  )
}

const showAnother = async () => {
  sessionStorage.setItem("user", user())
  byId("notice").hidden = true
  for (const owner of Object.keys(providersOf)) byId(owner).replaceChildren()
  await show()
}

/** Only OAuth2 has an access that can be withdrawn at the provider. */
const offerRevocation = () => {
  const form = byId("revoke")
  const select = form.elements.namedItem("provider")
  for (const { authType, displayName, provider } of catalog.values())
    if (authType === "oauth2") select.append(new Option(displayName, provider))
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void attempt(event.submitter, async () => {
      await askDemo("POST", "revoke", { provider: select.value })
      say(
        `${displayNameOf(select.value)} has ended all that it had granted, and told nobody. The host learns it when it next calls the API.`
      )
    })
  })
}

const start = async () => {
  // A provider's page leads back here: who was signed in still is.
  const before = document.querySelector(
    `input[name=user][value="${sessionStorage.getItem("user") ?? "ada"}"]`
  )
  before.checked = true
  samples = await askDemo("GET", "simulated")
  catalog = new Map((await hawser.catalog()).items.map((item) => [item.provider, item]))
  offerRevocation()
  await show()
  listen(() => show().catch((error) => say(error.message, true)))
  await finish(displayNameOf)
  await show()
}

for (const choice of document.querySelectorAll("input[name=user]"))
  choice.addEventListener("change", () => {
    showAnother().catch((error) => say(error.message, true))
  })
start().catch((error) => say(error.message, true))
