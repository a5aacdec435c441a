import { hawser } from "./hawser.ts"

/** For a schedule of EventBridge: once a minute, and no two at a time. */
export const handler = async (): Promise<void> => {
  const { tick } = await hawser()
  await tick()
}
