// How something gets connected: off to the provider's page, back, and the choice of an account; or by a key.
import { element, say } from "./dom.js"
import { byId, hawser, redirectUrlOf } from "./host.js"
import { failure } from "./words.js"

/** Goes to the provider's page. Whose connection it is to become is wanted when the browser is back. */
const leave = async (provider, owner, request) => {
  const begun = await hawser.connect({
    ...request,
    payload: { redirectUrl: redirectUrlOf(provider), ...request.payload }
  })
  sessionStorage.setItem("owner", owner)
  location.assign(begun.authorizationUrl)
}

export const connect = ({ name, owner, provider }) =>
  leave(provider, owner, { params: { provider }, query: { owner, name } })

/** Asks for what the grant lacks, and keeps what it has. */
export const askForMissing = ({ integrationId, missingScopes, owner, provider }) =>
  leave(provider, owner, {
    params: { provider: integrationId },
    payload: { reauthorize: true, scopes: missingScopes }
  })

/** Stores a key, which is checked first, and connects with it. */
export const connectKey = async ({ name, owner, provider }, credentials) => {
  const { credentialId } = await hawser.storeCredentials({
    params: { provider },
    query: { owner },
    payload: { credentials }
  })
  await hawser.connect({ params: { provider }, query: { owner, name }, payload: { credentialId } })
}

/** Asks for one of the accounts. Undefined if the person wants none of them. */
const choose = (displayName, choices) => {
  const dialog = byId("choose")
  byId("choose-title").textContent = `Which account of ${displayName}?`
  dialog.querySelector("fieldset").replaceChildren(
    ...choices.map(({ id, label }) => {
      const radio = Object.assign(element("input"), { type: "radio", name: "account", value: id })
      radio.required = true
      const line = element("label")
      line.append(radio, ` ${label}`)
      return line
    })
  )
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const { elements } = dialog.querySelector("form")
        resolve(dialog.returnValue === "chosen" ? elements.namedItem("account").value : undefined)
      },
      { once: true }
    )
  })
}

/** Reads what the browser came back with, and finishes what it began. */
export const finish = async (displayNameOf) => {
  const query = { owner: sessionStorage.getItem("owner") ?? "tenant" }
  const returned = await hawser.completeIfReturned(query)
  if (returned.status === "nothing") return
  history.replaceState(null, "", "/")
  const { provider } = returned
  const displayName = displayNameOf(provider)
  if (returned.status === "connected") say(`${displayName} is connected.`)
  else if (returned.status === "error") say(`${displayName}: ${failure(returned.error)}`, true)
  else if (returned.status === "choose") {
    const account = await choose(displayName, returned.choices)
    if (account === undefined) return say(`${displayName}: no account was chosen.`, true)
    await hawser.complete({
      params: { provider },
      query,
      payload: { flowId: returned.flowId, account }
    })
    say(`${displayName} is connected.`)
  }
}
