/** Next.js calls this once when the server starts: events are delivered and tokens kept alive before the first request. */
export const register = async (): Promise<void> => {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return
  const { hawser } = await import("./lib/hawser.ts")
  // The next caller tries again.
  await hawser().catch((error: unknown) => console.error("Hawser has not started.", error))
}
