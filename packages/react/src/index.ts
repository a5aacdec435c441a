"use client"

export * from "@hawser/headless"
export { useConnect, useIntegrations } from "./hooks.ts"
