import { build } from "esbuild"

await build({
  entryPoints: ["http.ts", "tick.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  minify: true,
  // Names in stack traces.
  keepNames: true,
  // Packages of CommonJS, such as pg, ask for Node's modules by require.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  }
})
