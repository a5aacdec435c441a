import { datadog, type HawserOptions, postgres, session } from "hawser"

/** What a guard or Passport leaves on the request of who has signed in. */
interface SignedIn {
  readonly user?: { readonly id: string; readonly orgId: string }
}

export default (): HawserOptions => ({
  publicUrl: process.env["PUBLIC_URL"],
  allowedRedirectUrls: [`${process.env["PUBLIC_URL"]}/integrations`],
  authenticate: session({
    resolve: (_, native) => {
      const { user } = native as SignedIn
      return user === undefined ? null : { tenantId: user.orgId, userId: user.id, roles: ["admin"] }
    }
  }),
  providers: [datadog()],
  store: postgres({ url: process.env["DATABASE_URL"] }),
  encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
})
