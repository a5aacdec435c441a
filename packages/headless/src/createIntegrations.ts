import type { Client, ClientError, ErrorCode, Returned } from "hawser/client"
import { handOver, openPopup, waitForReturn } from "./popup.ts"

type Entry = Awaited<ReturnType<Client["catalog"]>>["items"][number]
type Item = Awaited<ReturnType<Client["list"]>>["items"][number]
type Tested = Awaited<ReturnType<Client["test"]>>
type Failed = Extract<Returned, { readonly status: "error" }>

/** A connection that the caller may see in full. */
export type Connection = Extract<Item, { readonly name: string }>
/** Another user's own, of which an admin sees no more than that it is there. */
export type UsersConnection = Exclude<Item, Connection>

/** A provider of the catalogue, and what there is to it. */
export interface Provider extends Omit<Entry, "connections"> {
  /** Those that work or that somebody has to look at; what was disconnected on purpose is not among them. */
  readonly connections: ReadonlyArray<Connection>
  /** Whether there may be one more. */
  readonly mayConnect: boolean
}

/** What went wrong, as a word to choose a text by: `no_answer` if no server answered. */
export type Word = ErrorCode | Failed["error"] | "no_answer"

export interface Problem {
  readonly error: Word
  /** The server's own text, in English. */
  readonly message?: string | undefined
  /** Which value was wrong, if one was. */
  readonly details?: ClientError["details"] | undefined
}

interface About {
  readonly provider: string
  /** The connection that it is about, unless it is a new one. */
  readonly integrationId?: string | undefined
}

/** A connection by its id. */
interface ThatIs {
  readonly provider: string
  readonly integrationId: string
}

/** How the last thing that the person did has ended. */
export type Notice = About &
  (
    | {
        /** `ok`: the provider accepts the connection. `pending_approval`: somebody else has to agree at the provider. */
        readonly status: "connected" | "disconnected" | "pending_approval" | "ok"
      }
    /** The provider does not accept it, or could not be asked. */
    | { readonly status: "failed"; readonly reason?: Tested["reason"] }
    | ({ readonly status: "error" } & Problem)
  )

/** What is under way. There is one at a time. */
export type Task = About &
  (
    | {
        /**
         * `working`: a request is under way, or the browser is about to leave. `waiting`: the person is in the other window.
         * `closed`: that window seems to be closed; its flow may still end.
         */
        readonly step: "working" | "waiting" | "closed"
      }
    /** The browser opened no window. `goOn` uses this one. */
    | { readonly step: "blocked"; readonly goOn: () => Promise<void> }
    /** The consent covers several accounts. `choose` takes one of them, by its id. */
    | {
        readonly step: "choosing"
        readonly choices: ReadonlyArray<{ readonly id: string; readonly label: string }>
        readonly choose: (id: string) => Promise<void>
      }
  )

export interface State {
  /** `handed_over`: this window was opened for a flow, whose end another one has taken. It closes. */
  readonly phase: "loading" | "ready" | "handed_over"
  /** Why loading failed, at first or again. */
  readonly problem?: Problem | undefined
  readonly providers: ReadonlyArray<Provider>
  /** Every connection that the caller may see; with the owner `user` an admin sees that others' are there. */
  readonly connections: ReadonlyArray<Connection | UsersConnection>
  readonly task?: Task | undefined
  readonly notice?: Notice | undefined
}

/** What a person has filled in, by the names of the catalogue's `fields`. */
export type Values = Readonly<Record<string, string>>

type OwnerKind = "tenant" | "user"

export interface IntegrationsOptions {
  /** Made by `createClient` of `hawser/client`. */
  readonly client: Client
  /**
   * Whose connections: the tenant's, or with `user` the caller's own. Without it all that the caller may see are listed, and
   * new ones are the tenant's.
   */
  readonly owner?: OwnerKind | undefined
  /** How a person gets to the provider: in this window, which is the default, or in one of its own. */
  readonly mode?: "redirect" | "popup" | undefined
  /** Where a flow ends, one of the host's `allowedRedirectUrls`. Default: this page, without query and fragment. */
  readonly redirectUrl?: string | undefined
}

/** The page on which a tenant connects providers, without its looks. */
export interface Integrations {
  readonly getState: () => State
  /** Calls the listener after each change of the state. The function that it returns ends that. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Finishes a flow that came back to this page, and loads the catalogue and the connections. Call it when the page is shown,
   * in a browser, and the function that it returns when it is gone.
   */
  readonly start: () => () => void
  readonly refresh: () => Promise<void>
  /**
   * Connects a provider: by a flow, or by a key made of `values`. For a flow in a window of its own call it in the event
   * handler of a click: a browser opens no window at another time.
   */
  readonly connect: (provider: string, values?: Values, name?: string) => Promise<void>
  /**
   * Connects again, with the same account: what has ended or fails, what lacks scopes, or an API key that is to be replaced.
   * `values` are those of `connect`.
   */
  readonly reconnect: (connection: Connection, values?: Values) => Promise<void>
  readonly disconnect: (connection: ThatIs) => Promise<void>
  /** Asks the provider whether the connection works. */
  readonly test: (connection: ThatIs) => Promise<void>
  /** Gives up what is under way, closes its window, and takes the notice away. */
  readonly dismiss: () => void
}

/**
 * Makes the state of a page on which a tenant connects providers, and what may be done on it. Nothing is called before `start`.
 *
 * @example
 * import { createIntegrations } from "@hawser/headless"
 * import { createClient } from "hawser/client"
 *
 * const integrations = createIntegrations({ client: createClient({ baseUrl: "/api" }) })
 * integrations.subscribe(() => console.log(integrations.getState().providers))
 * const stop = integrations.start()
 */
export const createIntegrations = ({
  client,
  mode,
  owner,
  redirectUrl
}: IntegrationsOptions): Integrations => {
  let state: State = { phase: "loading", providers: [], connections: [] }
  /** Ends what the task has besides a request. */
  let leave: (() => void) | undefined
  let opened: Promise<void> | undefined
  const listeners = new Set<() => void>()

  const set = (change: Partial<State>): void => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  const refresh = async (): Promise<void> => {
    try {
      const [catalog, { items: connections }] = await Promise.all([
        client.catalog(),
        client.list({ query: owner ? { owner } : {} })
      ])
      set({
        phase: "ready",
        problem: undefined,
        connections,
        providers: catalog.items.flatMap((entry) => offered(entry, connections, owner))
      })
    } catch (cause) {
      set({ problem: toProblem(cause) })
    }
  }

  /** Ends what is under way; how that ends is not shown any more. */
  const dismiss = (task?: Task): void => {
    leave?.()
    leave = undefined
    set({ task, notice: undefined })
  }

  /** Does one thing, says how it ended, and shows what is there then. Without a notice it goes on elsewhere. */
  const run = async (
    about: About,
    act: (isDismissed: () => boolean) => Promise<Notice | undefined>
  ): Promise<void> => {
    const task: Task = { ...about, step: "working" }
    const isDismissed = () => state.task !== task
    dismiss(task)
    const notice = await act(isDismissed).catch((cause: unknown) => {
      leave?.()
      return failed(about, cause)
    })
    if (!notice) return
    await refresh()
    if (!isDismissed()) set({ task: undefined, notice })
  }

  /** How a flow has ended. */
  const finish = async (owner: OwnerKind, href?: string): Promise<Notice | undefined> => {
    const returned = await client.completeIfReturned({ owner, href })
    if ("choices" in returned) {
      const { choices, flowId, provider } = returned
      const choose = (account: string) =>
        run({ provider }, () =>
          client.complete({ params: { provider }, query: { owner }, payload: { flowId, account } })
        )
      set({ task: { provider, step: "choosing", choices, choose } })
    } else if (returned.status !== "nothing") return returned
    // Somebody has made up the address of another window.
    else if (href) set({ task: undefined })
    return undefined
  }

  const begin = async (
    provider: string,
    values?: Values,
    name = "default",
    connection?: Connection,
    here = mode !== "popup"
  ): Promise<void> => {
    const whose = connection?.owner ?? owner ?? "tenant"
    const isConnected = connection?.status === "connected"
    const about = { provider, integrationId: connection?.integrationId }
    const target = { params: { provider }, query: { owner: whose, name } }

    if (state.providers.find((one) => one.provider === provider)?.authType === "api_key")
      return run(about, async () => {
        const { credentialId } = await client.storeCredentials({
          params: { provider },
          query: { owner: whose },
          payload: { credentials: values ?? {} }
        })
        const request = { ...target, payload: { credentialId } }
        const connected = isConnected ? client.swapCredential(request) : client.connect(request)
        return connected as Promise<Notice>
      })

    // What is copied into the window must not say that this one has left.
    delete sessionStorage[leftKey]
    const popup = here ? null : openPopup()
    if (!here && !popup)
      return dismiss({
        ...about,
        step: "blocked",
        goOn: () => begin(provider, values, name, connection, true)
      })
    return run(about, async (isDismissed) => {
      leave = () => popup?.close()
      const begun = await client.connect({
        ...target,
        payload: {
          redirectUrl: redirectUrl ?? location.origin + location.pathname,
          ...(values && { fields: values }),
          ...(isConnected && { reauthorize: true })
        }
      })
      if (isDismissed() || !("authorizationUrl" in begun)) return undefined
      const { authorizationUrl } = begun
      if (popup) {
        leave = waitForReturn(
          popup,
          provider,
          () => set({ task: { ...about, step: "closed" } }),
          (href) => void run(about, () => finish(whose, href))
        )
        popup.location.replace(authorizationUrl)
        set({ task: { ...about, step: "waiting" } })
      } else {
        sessionStorage[leftKey] = whose
        location.assign(authorizationUrl)
      }
      return undefined
    })
  }

  const one =
    (call: Client["disconnect"] | Client["test"]) =>
    ({ integrationId, provider }: ThatIs): Promise<void> =>
      run({ provider, integrationId }, async () => ({
        status: "disconnected",
        ...(await call({ params: { provider: integrationId } })),
        provider,
        integrationId
      }))

  const open = async (): Promise<void> => {
    const left = sessionStorage[leftKey] as OwnerKind | undefined
    let notice: Notice | undefined
    // A page may show two of these, and each finishes its own.
    if (!left || !owner || left === owner) {
      delete sessionStorage[leftKey]
      if (!left && (await handOver())) return set({ phase: "handed_over" })
      notice = await finish(left ?? owner ?? "tenant").catch((cause: unknown) =>
        failed({ provider: "" }, cause)
      )
    }
    await refresh()
    set({ notice })
  }

  return {
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start: () => {
      opened = opened ? opened.then(refresh) : open()
      // Back from the provider's page, a browser may show this one as it was left.
      const onShown = ({ persisted }: PageTransitionEvent) => {
        if (!persisted) return
        dismiss()
        void refresh()
      }
      addEventListener("pageshow", onShown)
      return () => removeEventListener("pageshow", onShown)
    },
    refresh,
    connect: begin,
    reconnect: (connection, values) =>
      begin(connection.provider, values, connection.name, connection),
    disconnect: one(client.disconnect),
    test: one(client.test),
    dismiss: () => dismiss()
  }
}

/** Where this window notes whose flow it has left for. */
const leftKey = "hawser"

/** By its name: the page's bundle may hold another copy of `hawser/client` than the one that made the client. */
const isClientError = (cause: unknown): cause is ClientError =>
  (cause as Partial<ClientError> | undefined)?.name ===
  ("ClientError" satisfies ClientError["name"])

const toProblem = (cause: unknown): Problem => {
  if (!isClientError(cause)) return { error: "no_answer" }
  const { code, details, message, reason = code } = cause
  return { error: reason, message, details }
}

const failed = (about: About, cause: unknown): Notice => ({
  ...about,
  status: "error",
  ...toProblem(cause)
})

/** The provider as the page shows it; nothing if this owner may not have it and has not. */
const offered = (
  { connections: many, ...entry }: Entry,
  all: State["connections"],
  owner: OwnerKind = "tenant"
): ReadonlyArray<Provider> => {
  const shown = all.filter(
    (one) =>
      one.provider === entry.provider &&
      (one.status !== "disconnected" || (one as Partial<Connection>).error)
  )
  const connections = shown.filter((one): one is Connection => "name" in one)
  const mayOwn = (entry.ownedBy ?? ["tenant"]).includes(owner)
  const mayConnect = mayOwn && (many === "many" || !connections[0])
  return mayOwn || shown[0] ? [{ ...entry, connections, mayConnect }] : []
}
