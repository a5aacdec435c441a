import type { Binding } from "../../model/index.ts"
import { complete } from "./complete.ts"
import { confirm } from "./confirm.ts"
import { cookie } from "./cookie.ts"
import type { FlowBinding } from "./FlowBinding.ts"
import { samePerson, session } from "./session.ts"

export { samePerson }

export type { BeginningPage, CallbackInput, SignedIn } from "./FlowBinding.ts"

const bindings: Readonly<Record<Binding, FlowBinding>> = {
  cookie,
  session,
  complete,
  confirm
}

export const findBinding = ({ binding }: { readonly binding: Binding }): FlowBinding =>
  bindings[binding]
