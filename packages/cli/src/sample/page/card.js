// A provider on the page, with the connections that one owner has to it.
import { connectionLine } from "./connection.js"
import { attempt, element, label, say } from "./dom.js"
import { fieldInput, nameField, sampleValues, valuesOf } from "./fields.js"
import { connect, connectKey } from "./flows.js"
import { byId, hasNames, hintOf, mayChange, whose } from "./host.js"

/** What the form asks for before it connects. */
const fieldsOf = ({ fields = [], provider }) => [
  ...(hasNames(provider) ? [nameField] : []),
  ...fields
]

/** The fields come when somebody wants to connect. */
const openForm = (item, { owner, samples }, form, button) => {
  form.classList.add("open")
  form.prepend(...fieldsOf(item).map(fieldInput))
  if (Object.keys(samples).length > 0) form.prepend(sampleValues(item.displayName, samples, form))
  const text = item.authType === "oauth2" ? "Go on" : "Check and connect"
  label(button, text, `${item.displayName}, ${whose(owner)}`)
  form.querySelector("input, select").focus()
}

const submit = async ({ authType, displayName, provider }, owner, form) => {
  const { name = "default", ...values } = valuesOf(form)
  const key = { provider, owner, name }
  if (authType === "oauth2") return connect(key)
  await connectKey(key, values)
  form.classList.remove("open")
  say(`${displayName} accepted the key and is connected.`)
}

const connectForm = (form, item, context) => {
  const { owner, reload } = context
  const button = element("button")
  const text = hasNames(item.provider) ? "Add an account" : "Connect"
  label(button, text, `${item.displayName}, ${whose(owner)}`)
  form.append(button)
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    if (fieldsOf(item).length > 0 && !form.classList.contains("open"))
      return openForm(item, context, form, button)
    void attempt(button, () => submit(item, owner, form).then(reload))
  })
}

const docsLink = (href) =>
  Object.assign(element("a", "docs"), { href, target: "_blank", rel: "noreferrer" })

export const card = (item, connections, context) => {
  const { isSimulated, owner, reload } = context
  const node = byId("card").content.firstElementChild.cloneNode(true)
  const find = (selector) => node.querySelector(selector)
  node.dataset.provider = item.provider
  find(".logo").textContent = item.displayName[0]
  if (item.brandColor) find(".logo").style.background = item.brandColor
  find("h3").textContent = item.displayName
  find(".category").append(
    [
      item.category,
      item.authType === "oauth2" ? "OAuth2" : "API key",
      ...(isSimulated ? ["simulated"] : [])
    ].join(" · "),
    ...(item.docsUrl ? [" · ", docsLink(item.docsUrl)] : [])
  )
  find(".description").textContent = `${item.description} ${hintOf(item.provider)}`
  find(".connections").append(...connections.map((one) => connectionLine(one, item, reload)))
  if (mayChange(owner) && (connections.length === 0 || hasNames(item.provider)))
    connectForm(find("form"), item, context)
  return node
}
