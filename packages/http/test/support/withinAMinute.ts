import { vi } from "vitest"

/** Limits are counted by the minute: none ends in the middle of this test. */
export const withinAMinute = (): (() => void) => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:40Z") })
  return () => void vi.useRealTimers()
}
