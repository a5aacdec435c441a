import { Global, Inject, Module, type OnApplicationShutdown } from "@nestjs/common"
import { createHawser, datadog, type Hawser, postgres, session } from "hawser"

/** Inject it with `@Inject(HAWSER)`. */
export const HAWSER = Symbol("Hawser")

/** What a guard or Passport leaves on the request of who has signed in. */
interface SignedIn {
  readonly user?: { readonly id: string; readonly orgId: string }
}

const start = (): Promise<Hawser> =>
  createHawser({
    publicUrl: process.env["PUBLIC_URL"],
    allowedRedirectUrls: [`${process.env["PUBLIC_URL"]}/integrations`],
    authenticate: session({
      csrf: (request) => request.headers.get("sec-fetch-site") === "same-origin",
      resolve: (_, native) => {
        const { user } = native as SignedIn
        return user === undefined
          ? null
          : { tenantId: user.orgId, userId: user.id, roles: ["admin"] }
      }
    }),
    providers: [datadog()],
    store: postgres({ url: process.env["DATABASE_URL"] }),
    encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
  })

@Global()
@Module({ providers: [{ provide: HAWSER, useFactory: start }], exports: [HAWSER] })
export class HawserModule implements OnApplicationShutdown {
  @Inject(HAWSER) private readonly hawser!: Hawser

  async onApplicationShutdown(): Promise<void> {
    await this.hawser.close()
  }
}
