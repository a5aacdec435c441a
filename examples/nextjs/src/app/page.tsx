import { connection } from "next/server"
import { redirect } from "next/navigation"
import { hawser } from "../lib/hawser.ts"
import { signedIn } from "../lib/session.ts"

const connectGithub = async (): Promise<void> => {
  "use server"
  const { tenant } = await hawser()
  const { tenantId, userId } = await signedIn()
  const redirectUrl = `${process.env["PUBLIC_URL"]}/`
  const { authorizationUrl } = await tenant(tenantId, { user: userId }).connect("github", {
    redirectUrl
  })
  redirect(authorizationUrl)
}

const Page = async () => {
  await connection()
  const { tenant } = await hawser()
  const { tenantId } = await signedIn()
  const { items } = await tenant(tenantId).connections({ status: "connected" })
  const [found] = items
  return (
    <main>
      <h1>Integrations</h1>
      <p>{found === undefined ? "Not connected." : `Connected as ${found.accountLabel}.`}</p>
      <form action={connectGithub}>
        <button>Connect GitHub</button>
      </form>
    </main>
  )
}

export default Page
