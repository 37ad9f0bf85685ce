import type { UserConfig } from 'tsdown'

/** How every package is built: modules and declarations with maps, for browsers and Node 20, one file in `dist` per entry point. */
export const library = (entry: Record<string, string>, more: UserConfig = {}): UserConfig => ({
  ...more,
  entry,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  dts: { sourcemap: true },
  sourcemap: true,
  fixedExtension: false,
  tsconfig: '../../tsconfig.json',
  deps: { neverBundle: /^node:/, onlyBundle: [] },
})
