// The fields of a form, as the catalogue lists them.
import { element } from "./dom.js"

const choice = ({ choices, required }) => {
  const select = element("select")
  if (!required) select.append(new Option("The provider's default", ""))
  select.append(...choices.map((value) => new Option(value)))
  return select
}

const textInput = ({ pattern, secret }) =>
  Object.assign(element("input"), {
    type: secret ? "password" : "text",
    autocomplete: "off",
    ...(pattern && { pattern })
  })

export const fieldInput = (field) => {
  const label = element("label", field.label)
  const input = field.choices ? choice(field) : textInput(field)
  Object.assign(input, { name: field.name, required: field.required })
  label.append(input, ...(field.help ? [element("small", field.help)] : []))
  return label
}

/** What tells an owner's accounts at a provider apart. */
export const nameField = {
  name: "name",
  label: "Name",
  required: true,
  secret: false,
  pattern: "[a-z0-9][a-z0-9\\-]{0,62}",
  help: "Tells this account from your others: small letters, digits and dashes, such as emea."
}

/** What the person has filled in; optional fields that are empty are left out. */
export const valuesOf = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""))

/** What a simulated provider takes: it knows one account, and no other keys than that one's. */
export const sampleValues = (displayName, samples, form) => {
  const list = element("dl")
  list.append(
    ...Object.entries(samples).flatMap(([name, value]) => [
      element("dt", name),
      element("dd", value, "sample")
    ])
  )
  const fill = Object.assign(element("button", "Fill them in", "quiet"), { type: "button" })
  fill.addEventListener("click", () => {
    for (const [name, value] of Object.entries(samples)) form.elements.namedItem(name).value = value
  })
  const box = element(
    "div",
    `The simulated ${displayName} takes these values and no others:`,
    "samples"
  )
  box.append(list, fill)
  return box
}
