import "reflect-metadata"
import { fastifyHawser } from "@hawser/fastify"
import { NestFactory } from "@nestjs/core"
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify"
import type { Hawser } from "hawser"
import { AppModule } from "./app.module.ts"
import { HAWSER } from "./hawser.module.ts"
import { signIn } from "./signIn.ts"

export const start = async (port: number): Promise<NestFastifyApplication> => {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter())
  app.getHttpAdapter().getInstance().addHook("onRequest", signIn)
  const { handler } = app.get<Hawser>(HAWSER)
  await app.register(fastifyHawser(handler), { prefix: "/v1/integrations" })
  app.enableShutdownHooks()
  await app.listen(port, "127.0.0.1")
  return app
}
