import "reflect-metadata"
import { expressHandler } from "@hawser/express"
import { NestFactory } from "@nestjs/core"
import type { NestExpressApplication } from "@nestjs/platform-express"
import type { Hawser } from "hawser"
import { AppModule } from "./app.module.ts"
import { HAWSER } from "./hawser.module.ts"
import { signIn } from "./signIn.ts"

export const start = async (port: number): Promise<NestExpressApplication> => {
  const app = await NestFactory.create<NestExpressApplication>(AppModule)
  app.use(signIn)
  app.use("/v1/integrations", expressHandler(app.get<Hawser>(HAWSER).handler))
  app.enableShutdownHooks()
  await app.listen(port, "127.0.0.1")
  return app
}
