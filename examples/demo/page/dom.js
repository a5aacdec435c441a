export const element = (name, text = "", className = "") =>
  Object.assign(document.createElement(name), { textContent: text, className })

/** A button that says what it is about to those who do not see where it stands. */
export const button = (text, about, className = "quiet") => {
  const node = element("button", text, className)
  node.type = "button"
  node.setAttribute("aria-label", `${text}: ${about}`)
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
