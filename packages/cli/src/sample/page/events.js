// What the host has heard.
import { element } from "./dom.js"
import { byId, nameOf } from "./host.js"

const line = ({ data, event, timestamp }) => {
  const isBad = event === "integration.disconnected" || event === "integration.error"
  const item = element("li", "", isBad ? "bad" : "")
  const whose = data.owner === "user" ? ` of ${nameOf(data.userId)}` : ""
  item.append(
    element("strong", event),
    element("span", `${data.provider} ${data.name}${whose} `),
    element("time", new Date(timestamp).toLocaleTimeString("en-GB")),
    element("br"),
    element("code", data.reason ?? data.error ?? data.integrationId)
  )
  return item
}

/** Shows each event once, however often the stream begins again. */
export const listen = (onEvent) => {
  const seen = new Set()
  new EventSource("/demo/events").addEventListener("message", ({ data }) => {
    const event = JSON.parse(data)
    if (seen.has(event.id)) return
    seen.add(event.id)
    byId("events").querySelector(".empty")?.remove()
    byId("events").prepend(line(event))
    onEvent()
  })
}
