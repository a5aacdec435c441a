export const element = (name, text = "", className = "") =>
  Object.assign(document.createElement(name), { textContent: text, className })

/** Gives a button its text, and says what it is about to those who do not see where it stands. */
export const label = (button, text, about) => {
  button.textContent = text
  button.setAttribute("aria-label", `${text}: ${about}`)
}

/** A button beside a connection. */
export const button = (text, about, className = "quiet") => {
  const node = element("button", "", className)
  node.type = "button"
  label(node, text, about)
  return node
}

export const pair = (name, value) => {
  const node = element("div")
  node.append(element("dt", name), value)
  return node
}

/** Says what happened, below the title of the page. */
export const say = (text, isBad = false) => {
  const notice = document.getElementById("notice")
  notice.textContent = text
  notice.className = isBad ? "bad" : ""
  notice.hidden = false
}

/** Does what a button is for, once at a time. */
export const attempt = async (pressed, act) => {
  pressed.disabled = true
  try {
    await act()
  } catch (error) {
    say(error.message, true)
  } finally {
    pressed.disabled = false
  }
}
