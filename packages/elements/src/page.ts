import {
  type Connection,
  createIntegrations,
  type Integrations,
  type IntegrationsOptions,
  type Provider,
  type State,
  type UsersConnection
} from "@hawser/headless"
import { type Client, createClient, type CreateClientOptions } from "hawser/client"
import { type Child, h, patch, type Props } from "./dom.ts"
import { sharedStyle } from "./style.ts"
import type { Texts } from "./texts.ts"

/** What the elements have in common. */
export interface PageElement extends HTMLElement {
  /** The access token, or what gets one for each call. */
  token: CreateClientOptions["token"]
  /** In place of `base-url` and `token`: a client of the host's. */
  client: Client | undefined
  /** Texts in place of the English ones. */
  texts: Partial<Texts> | undefined
  /** Where the logos are, by provider. Without one it is the initial on the provider's colour. */
  logos: Readonly<Record<string, string>> | undefined
  /** What people call users, by their ids. Without one the id is shown. */
  users: Readonly<Record<string, string>> | undefined
  /** Loads again what is there. Call it when something has changed elsewhere; a form that is open stays as it is. */
  refresh: () => void
}

/** What the view of an element is made with. */
interface Page {
  readonly element: PageElement
  readonly text: (name: string, about?: string) => string
  readonly logo: (provider: Provider | undefined, id: string) => Child
  /** The button with this text. `of` completes its name: beside twenty others "Connect" says nothing to who cannot see where it stands. */
  readonly button: (name: keyof Texts, of: string, onclick?: () => unknown, part?: string) => Child
  readonly buttons: (...children: ReadonlyArray<Child>) => Child
  /** A connection: whose, since when, what is wrong with it, and what can be done. */
  readonly connection: (
    one: Connection | UsersConnection,
    provider: Provider | undefined,
    more?: { readonly facts: Child; readonly buttons: Child }
  ) => Child
  /** The text that says why a connection does not work as it is meant to. */
  readonly problemOf: (one: Connection | UsersConnection) => string | undefined
  /** Connects at once, or asks for what is needed first. */
  readonly connect: (provider: Provider) => void
  /** The form or the question, if it is open at this place. */
  readonly panel: (provider: string, one?: Connection | UsersConnection) => Child
  readonly isReadonly: () => boolean
  /** What is searched for. */
  query: string
  readonly update: () => void
  /** Asks the provider whether the connection works. */
  readonly test: (one: Connection) => void
}

export type PageView = (state: State, page: Page) => ReadonlyArray<Child>

/** Starts showing an element once it is known how its calls are authenticated. */
export const openPage = (
  element: PageElement,
  view: PageView,
  english: Readonly<Record<string, string>>,
  owner: IntegrationsOptions["owner"]
): {
  readonly update: () => void
  readonly refresh: () => void
  readonly close: () => void
} => {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" })
  root.adoptedStyleSheets = [sharedStyle()]
  let integrations: Integrations | undefined
  let state: State = { phase: "loading", providers: [], connections: [] }
  let stop: (() => void) | undefined
  let isDue = false
  /** Where the focus goes next: the first of these places that is there. */
  let focus: string | undefined
  /** What is open in a card. */
  let open:
    | {
        readonly provider: string
        readonly id?: string
        readonly asks?: boolean
        /** It wants a name, even if the connection without one ends meanwhile. */
        readonly isNamed?: boolean
      }
    | undefined
  let errors: Readonly<Record<string, string>> = {}

  const attribute = (name: string) => element.getAttribute(name) ?? undefined
  const isReadonly = () => element.hasAttribute("readonly")

  const start = (): void => {
    const { client, token } = element
    const credentials = attribute("credentials") as RequestCredentials
    if (!client && !token && !credentials) return
    integrations = createIntegrations({
      client:
        client ??
        createClient({
          baseUrl: attribute("base-url") ?? "",
          // The page may set another one at any time.
          ...(token && {
            token: async () =>
              typeof element.token === "function" ? element.token() : (element.token ?? "")
          }),
          fetch: (url, init) => fetch(url, { ...init, credentials })
        }),
      owner,
      mode: attribute("mode") as IntegrationsOptions["mode"],
      redirectUrl: attribute("redirect-url")
    })
    integrations.subscribe(update)
    stop = integrations.start()
  }

  /** Soon, and once for all changes of the moment. */
  const update = (): void => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      if (element.isConnected) show()
    })
  }

  const show = (): void => {
    if (!integrations) start()
    const { notice } = state
    state = integrations?.getState() ?? state
    if (state.notice && state.notice !== notice) {
      const detail = state.notice
      // What was refused stays open, with what was typed.
      if (detail.status !== "error") close()
      else
        errors = Object.fromEntries(
          (detail.details ?? []).map(({ path }) => [
            path.split(".").at(-1) ?? "",
            text("malformed")
          ])
        )
      element.dispatchEvent(new CustomEvent("hawser-notice", { detail }))
    }
    patch(root, [h("div", { "aria-busy": String(!!state.task) }, top(), ready())])
    focus
      ?.split("|")
      .map((place) => root.querySelector<HTMLElement>(place))
      .find(Boolean)
      ?.focus()
    focus = undefined
  }

  const ready = (): Child => state.phase === "ready" && view(state, page)

  const text: Page["text"] = (name, about = "") => {
    const known = (english[name] ? name : "other") as keyof Texts
    // In a page from right to left a name from left to right is kept apart from the text around it.
    const isolated = getComputedStyle(element).direction === "rtl" ? `\u2068${about}\u2069` : about
    return String(element.texts?.[known] ?? english[known]).replace("{}", () => isolated)
  }

  const find = (id: string) => state.providers.find(({ provider }) => provider === id)
  const nameOf = (id = "") => find(id)?.displayName ?? id

  /** What is under way, or how the last thing ended: always in sight, and read out. */
  const top = (): Child => {
    const { notice, phase, problem, task } = state
    const { error, reason, status } = (notice ?? {}) as Partial<Record<string, string>>
    const word = task?.step ?? error ?? reason ?? status ?? problem?.error ?? phase
    const said = word !== "ready" && text(word, nameOf((task ?? notice)?.provider))
    const dismiss = () => integrations?.dismiss()
    return h(
      said ? "div notice" : "div",
      {},
      h("div", { role: "status" }, said),
      said &&
        phase !== "handed_over" &&
        word !== "working" &&
        word !== "loading" &&
        buttons(
          task?.step === "blocked" && button("goOn", "", task.goOn, "primary"),
          task?.step === "choosing" &&
            task.choices.map(({ id, label }) =>
              h(
                "button button choice",
                { key: id, type: "button", onclick: () => task.choose(id) },
                h("bdi", {}, label)
              )
            ),
          task
            ? button("cancel", "", dismiss)
            : notice
              ? button("close", "", dismiss)
              : button("retry", "", integrations?.refresh)
        )
    )
  }

  const buttons: Page["buttons"] = (...children) => h("div buttons", {}, children)

  const button: Page["button"] = (name, of, onclick, part = "") =>
    h(
      `button button ${part}`,
      {
        type: onclick ? "button" : "submit",
        onclick,
        "aria-label": of && `${text(name)}: ${of}`
      },
      text(name)
    )

  const logo: Page["logo"] = (provider, id) => {
    const src = element.logos?.[id]
    return src
      ? h("img logo", { src, alt: "" })
      : h(
          "span logo",
          { "aria-hidden": "true", "--brand": provider?.brandColor },
          nameOf(id).slice(0, 1)
        )
  }

  const problemOf: Page["problemOf"] = (one) => {
    // Of another user's own some of these are not told.
    const { error, missingScopes = [], provider, status }: Partial<Connection> = one
    if (status !== "connected")
      return text(status === "disconnected" ? "ended" : (error ?? "other"), nameOf(provider))
    return missingScopes[0] && text("missing_scopes", missingScopes.join(", "))
  }

  const connection: Page["connection"] = (one, provider, more) => {
    const mine = "name" in one && one
    const name = mine && mine.name !== "default" && mine.name
    const account = mine && mine.accountLabel
    const of = [nameOf(one.provider), account || name].filter(Boolean).join(", ")
    const problem = problemOf(one)
    const isKey = provider?.authType === "api_key"
    const id = one.integrationId
    return h(
      "div connection",
      { key: id, id },
      h(
        "div head",
        {},
        h(`span status ${problem ? "bad" : "good"}`, {}, text(problem ? "attention" : "fine")),
        account && h("bdi account", {}, account),
        name && h("bdi muted", {}, name)
      ),
      problem && h("p why", {}, problem),
      more?.facts,
      !isReadonly() &&
        buttons(
          mine &&
            provider &&
            (problem || isKey) &&
            button(
              isKey ? "replaceKey" : one.status === "connected" ? "grant" : "reconnect",
              of,
              () =>
                provider.fields
                  ? openPanel({ provider: one.provider, id })
                  : integrations?.reconnect(mine),
              problem && "primary"
            ),
          more?.buttons,
          one.status !== "disconnected" &&
            button("disconnect", of, () => openPanel({ provider: one.provider, id, asks: true }))
        ),
      panel(one.provider, one)
    )
  }

  const openPanel = (next: typeof open): void => {
    open = next
    errors = {}
    focus = "[part~=panel] :is(input,select,button)"
    update()
  }

  const close = (): void => {
    if (open) focus = `[id="${open.id}"] button|[id="${open.provider}"] button`
    open = undefined
    update()
  }

  const connect: Page["connect"] = ({ connections, fields, provider }) => {
    const isNamed = connections.some(({ name }) => name === "default")
    if (fields || isNamed) openPanel({ provider, isNamed })
    else void integrations?.connect(provider)
  }

  const panel: Page["panel"] = (id, one) => {
    if (open?.provider !== id || open.id !== one?.integrationId) return undefined
    const provider = find(id)
    const name = nameOf(id)
    const props: Props = {
      key: String(open.asks),
      "aria-label": name,
      // What a handler returns as false is not typed.
      onkeydown: ({ key }: KeyboardEvent) => void (key === "Escape" && close())
    }
    const cancel = button("cancel", "", close)
    if (open.asks && one)
      return h(
        "div panel",
        { role: "group", ...props },
        h("p", {}, text("confirm", name)),
        buttons(
          button("disconnect", name, () => integrations?.disconnect(one), "danger"),
          cancel
        )
      )
    if (!provider) return undefined
    const again = one && "name" in one && one
    return h(
      "form panel",
      {
        ...props,
        novalidate: "",
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault()
          const form = event.target as HTMLFormElement
          const wrong = [...form.elements].filter(
            (input): input is HTMLInputElement => !(input as HTMLInputElement).checkValidity()
          )
          errors = Object.fromEntries(
            wrong.map(({ name, validity }) => [
              name,
              text(validity.valueMissing ? "required" : "malformed")
            ])
          )
          focus = wrong[0] && `#${wrong[0].id}`
          if (focus) return update()
          const { [nameField]: name, ...fields } = Object.fromEntries(
            [...new FormData(form)].filter(([, value]) => value)
          ) as Record<string, string>
          void (again
            ? integrations?.reconnect(again, fields)
            : integrations?.connect(id, fields, name))
        }
      },
      open.isNamed &&
        field({
          name: nameField,
          label: text("name"),
          help: text("nameHelp"),
          pattern: "[a-z0-9][a-z0-9\\-]{0,62}",
          required: true,
          secret: false
        }),
      provider.fields?.map(field),
      buttons(button(again ? "reconnect" : "connect", name, undefined, "primary"), cancel)
    )
  }

  const field = ({
    choices,
    help,
    label,
    name,
    pattern,
    required,
    secret
  }: NonNullable<Provider["fields"]>[number]): Child => {
    const error = errors[name]
    const id = `field-${name}`
    const props: Props = {
      key: id,
      id,
      name,
      required: required && "true",
      "aria-invalid": error && "true",
      "aria-describedby": `${id}-help`
    }
    return [
      h("label", { for: id }, label, !required && ` (${text("optional")})`),
      choices
        ? h(
            "select",
            props,
            !required && h("option", { value: "" }),
            choices.map((value) => h("option", { value }, value))
          )
        : h("input", {
            ...props,
            type: secret ? "password" : "text",
            autocomplete: "off",
            spellcheck: "false",
            pattern
          }),
      h("small", { id: `${id}-help` }, error && h("span bad", {}, `${error} `), help)
    ]
  }

  const page: Page = {
    element,
    text,
    logo,
    button,
    buttons,
    connection,
    problemOf,
    connect,
    panel,
    isReadonly,
    query: "",
    test: (one) => void integrations?.test(one),
    update
  }
  update()
  return {
    update,
    refresh: () => void integrations?.refresh(),
    close: () => {
      stop?.()
      integrations?.dismiss()
    }
  }
}

/** No field of a definition has this name: those are made of letters, digits and underscores. */
const nameField = "-"
