import { Module } from "@nestjs/common"
import { ConnectionsController } from "./connections.controller.ts"
import { HawserModule } from "./hawser.module.ts"

@Module({ imports: [HawserModule], controllers: [ConnectionsController] })
export class AppModule {}
