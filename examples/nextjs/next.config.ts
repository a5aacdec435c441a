import type { NextConfig } from "next"

const config: NextConfig = {
  // Loaded from node_modules as they are: the build is faster, and its output smaller.
  serverExternalPackages: ["hawser", "@hawser/testing"],
  // The workspace checks types itself, once for all packages.
  typescript: { ignoreBuildErrors: true },
  // Each build of the test is the first one.
  experimental: { turbopackFileSystemCacheForBuild: false }
}

export default config
