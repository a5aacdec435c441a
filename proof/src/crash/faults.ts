import { type Context, Effect, Layer } from "effect"
import { writeSync } from "node:fs"

/** What happens at a point. */
export type FaultMode = "kill" | "stop"

export interface Fault {
  /** The number of the point, from 1. */
  readonly point: number
  readonly mode: FaultMode
}

/** What a process that stops itself says first. */
export const stoppedMark = "stopped\n"

/**
 * The points before and after every call of a port, numbered as they come. The list of faults is read off a run without
 * one: a port call that is added to a program becomes two points more by itself.
 */
export class FaultPoints {
  readonly #fault: Fault | undefined
  readonly labels: Array<string> = []
  #isArmed = false

  constructor(fault: Fault | undefined) {
    this.#fault = fault
  }

  /** Counts from here on: what builds the process is not part of the program under test. */
  arm(): void {
    this.#isArmed = true
  }

  disarm(): void {
    this.#isArmed = false
  }

  #reach(label: string): void {
    if (!this.#isArmed) return
    this.labels.push(label)
    if (this.labels.length !== this.#fault?.point) return
    if (this.#fault.mode === "stop") writeSync(1, stoppedMark)
    process.kill(process.pid, this.#fault.mode === "stop" ? "SIGSTOP" : "SIGKILL")
  }

  #watched<A, E, R>(label: string, call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      this.#reach(`before ${label}`)
      return Effect.onExit(call, () => Effect.sync(() => this.#reach(`after ${label}`)))
    })
  }

  /** The same port, each of whose calls is two points. */
  watch<Id, Port extends object>(key: Context.Key<Id, Port>): Layer.Layer<Id, never, Id> {
    const name = key.key.slice(key.key.lastIndexOf("/") + 1)
    const watched = (port: Port): Port =>
      new Proxy(port, {
        get: (target, member, receiver) => {
          const value: unknown = Reflect.get(target, member, receiver)
          const label = `${name}.${String(member)}`
          if (Effect.isEffect(value)) return this.#watched(label, value)
          if (typeof value !== "function") return value
          return (...parameters: ReadonlyArray<unknown>) => {
            const result: unknown = Reflect.apply(value, target, parameters)
            return Effect.isEffect(result) ? this.#watched(label, result) : result
          }
        }
      })
    return Layer.effect(key, Effect.map(key, watched))
  }
}
