import { vi } from "vitest"

let uptime = process.hrtime.bigint()

/** Limits are counted by the minute: none ends in the middle of this test. 20 seconds are left of the one that it is in. */
export const withinAMinute = (): (() => void) => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:40Z") })
  const clock = vi.spyOn(process.hrtime, "bigint").mockImplementation(() => uptime)
  return () => {
    vi.useRealTimers()
    clock.mockRestore()
  }
}

/** Lets time go by without the clock on the wall. */
export const pass = (milliseconds: number): void => {
  uptime += BigInt(milliseconds) * 1_000_000n
}
