// What this host's page knows without asking: who is signed in, where Hawser is, and what the host has configured.
import { createClient } from "hawser/client"

export const byId = (id) => document.getElementById(id)

const checked = () => document.querySelector("input[name=user]:checked")
export const user = () => checked().value
export const isAdmin = () => user() === "ada"
export const nameOf = (id) =>
  document.querySelector(`input[name=user][value="${id}"]`)?.nextSibling.textContent.trim() ?? id

/** Asks the demo itself, about what only a demo has. */
export const askDemo = async (method, path, query = {}) => {
  const response = await fetch(`/demo/${path}?${new URLSearchParams(query)}`, { method })
  if (!response.ok) throw new Error(`The demo answered ${response.status}.`)
  return response.json()
}

export const hawser = createClient({
  baseUrl: "/",
  token: async () => (await askDemo("GET", "token", { user: user() })).token
})

export const whose = (owner) => (owner === "user" ? "mine" : "the company's")

/** By owner: what can be connected. */
export const providersOf = {
  tenant: ["acme-projects", "beacon", "datadog", "github", "slack", "xero"],
  user: ["acme-projects", "google"]
}

/** The providers of which an owner may have several accounts, told apart by names. */
export const hasNames = (provider) => provider === "acme-projects"

/** Where the browser ends up: Slack shows how it is if the page there were a tenant's own. */
export const redirectUrlOf = (provider) =>
  location.origin + (provider === "slack" ? "/portal" : "/")

/** What there is to see. */
export const hintOf = (provider) =>
  ({
    "acme-projects": "Add two accounts, or allow less on its page.",
    slack: "Connects as on a page that a customer runs: you are asked once more before.",
    xero: "What you allow covers two organisations, and you choose one."
  })[provider] ?? ""

/** The members of the company look at its connections, an admin changes them. */
export const mayChange = (owner) => owner === "user" || isAdmin()
