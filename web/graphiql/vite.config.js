import { defineConfig } from "vite";

export default defineConfig({
  // The page itself is served at /, everything it loads under /graphiql/.
  base: "/graphiql/",
  oxc: { jsx: { runtime: "automatic" } },
  worker: { format: "es" },
  build: {
    outDir: "../../gateway/static/graphiql",
    emptyOutDir: true,
    target: "es2022",
    // Small files stay files: a data: address would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // The notices of everything bundled go out with it.
    license: { fileName: "licenses.md" },
    // "use client" means nothing in a page that is only ever rendered by the client.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
    // The editor is one large chunk by nature; it is loaded once and cached for good.
    chunkSizeWarningLimit: 5000,
  },
});
