/**
 * Node's `http`, without importing it: an import builds the names that it has for modules, `WebSocket` among them, for which
 * Node loads its whole `fetch`. That is a third of the CPU of `import "hawser"`.
 */
// oxlint-disable-next-line no-restricted-properties -- the egress is the way out
export const http = process.getBuiltinModule("node:http")
