import { Controller, Get, Inject } from "@nestjs/common"
import type { Hawser } from "hawser"
import { HAWSER } from "./hawser.module.ts"

@Controller("connections")
export class ConnectionsController {
  @Inject(HAWSER) private readonly hawser!: Hawser

  @Get()
  async names(): Promise<ReadonlyArray<string>> {
    const { items } = await this.hawser.tenant("acme").connections()
    return items.map(({ provider }) => provider)
  }
}
