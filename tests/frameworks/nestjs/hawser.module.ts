import { Global, Inject, Module, type OnApplicationShutdown } from "@nestjs/common"
import { createHawser, type Hawser } from "hawser"
import options from "./hawser.config.ts"

/** Inject it with `@Inject(HAWSER)`. */
export const HAWSER = Symbol("Hawser")

@Global()
@Module({
  providers: [{ provide: HAWSER, useFactory: () => createHawser(options()) }],
  exports: [HAWSER]
})
export class HawserModule implements OnApplicationShutdown {
  @Inject(HAWSER) private readonly hawser!: Hawser

  async onApplicationShutdown(): Promise<void> {
    await this.hawser.close()
  }
}
