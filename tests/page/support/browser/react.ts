import { createIntegrations, type Integrations, useConnect, useIntegrations } from "@hawser/react"
import { createClient } from "hawser/client"
import { createElement as h, StrictMode } from "react"
import { createRoot } from "react-dom/client"

/** A host's own page, as plain as can be. */
const { mode, user = "" } = document.documentElement.dataset

const integrations: Integrations = createIntegrations({
  client: createClient({ baseUrl: "", token: user }),
  mode: mode === "popup" ? "popup" : "redirect",
  owner: "tenant"
})

const List = () => {
  const { phase, problem, providers } = useIntegrations(integrations)
  const { connect, disconnect, notice, reconnect, task } = useConnect(integrations)
  return h(
    "div",
    null,
    h("p", { role: "status" }, task?.step ?? notice?.status ?? problem?.error ?? phase),
    task?.step === "choosing" &&
      task.choices.map(({ id, label }) =>
        h("button", { key: id, onClick: () => void task.choose(id) }, label)
      ),
    providers.map(({ connections, displayName, mayConnect, provider }) =>
      h(
        "section",
        { key: provider, id: provider },
        h("h2", null, displayName),
        connections.map((one) =>
          h(
            "div",
            { key: one.integrationId },
            h("span", null, one.accountLabel),
            h("button", { onClick: () => void disconnect(one) }, "Disconnect"),
            one.status !== "connected" &&
              h("button", { onClick: () => void reconnect(one) }, "Reconnect")
          )
        ),
        mayConnect && h("button", { onClick: () => void connect(provider) }, "Connect")
      )
    )
  )
}

const root = document.querySelector("#root")
if (root !== null) createRoot(root).render(h(StrictMode, null, h(List)))
