import "@hawser/elements/react"
import { createRoot, hydrateRoot } from "react-dom/client"

/** A host's page in JSX. */
const page = (
  <hawser-integrations
    mode="redirect"
    ref={(element) => {
      if (element === null) return
      element.token = () => "ada"
      element.texts = { connect: "Plug in" }
    }}
  />
)

export const notTaken = [
  // @ts-expect-error -- there is no such mode
  <hawser-integrations key="mode" mode="window" />,
  // @ts-expect-error -- React would set it only on what no server has rendered
  <hawser-integrations key="token" token={() => "ada"} />,
  // @ts-expect-error -- its view shows all owners
  <hawser-health key="owner" owner="user" />
]

const root = document.querySelector("#root")
if (root?.hasChildNodes()) hydrateRoot(root, page)
else if (root) createRoot(root).render(page)
