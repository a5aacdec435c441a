export * from "@hawser/providers"
