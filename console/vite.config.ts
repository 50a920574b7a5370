import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const consoleFolder = fileURLToPath(new URL('.', import.meta.url));
const sourceFolder = fileURLToPath(new URL('../src', import.meta.url));

/** Set-up of the console's build; `build.ts` adds only where the result goes. */
export default defineConfig({
  root: consoleFolder,
  base: '/',
  clearScreen: false,
  logLevel: 'warn',
  resolve: {
    alias: [
      { find: /^#contract\/(.*)$/, replacement: `${sourceFolder}/contract/$1.ts` },
      { find: /^#base\/(.*)$/, replacement: `${sourceFolder}/base/$1.ts` },
    ],
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', changeOrigin: false } } },
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // A data: address would need its own line in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      // React's "use client" marks in libraries mean nothing without server rendering.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      // The contract's schemas are not needed here, only its types and lists: without this, the schema library is packed too.
      treeshake: { manualPureFunctions: ['Type', 'PageOf'] },
    },
  },
});
