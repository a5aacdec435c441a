import { connection } from "next/server"
import { redirect } from "next/navigation"
import { hawser } from "../lib/hawser.ts"
import { signedIn } from "../lib/session.ts"

const connectGithub = async (): Promise<void> => {
  "use server"
  const { connect } = await hawser()
  const redirectUrl = `${process.env["PUBLIC_URL"]}/`
  const begun = await connect({ ...(await signedIn()), provider: "github", redirectUrl })
  if ("authorizationUrl" in begun) redirect(begun.authorizationUrl)
}

const Page = async () => {
  await connection()
  const { list } = await hawser()
  const { tenantId } = await signedIn()
  const [found] = await list({ tenantId, status: "connected" })
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
