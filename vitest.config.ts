import { playwright } from '@vitest/browser-playwright'
import { msw } from 'msw/vite'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { otlpReceiver } from './packages/telemetry/test/support/receiver-plugin.ts'
import { headlessShellOptions } from './scripts/lib/chromium.mjs'
import { findFirefox } from './scripts/lib/firefox.mjs'

// Tests read the packages' sources, so that no build is needed first and none can be stale.
const source = '@authflight/source'
const resolve = { conditions: [source, ...defaultClientConditions] }
// `module` names files for bundlers. Node is handed these conditions too, and cannot load such files (OpenTelemetry's SDK).
const forNode = defaultServerConditions.filter((condition) => condition !== 'module')
const ssr = { resolve: { conditions: [source, ...forNode] } }

const thirdLine = new URL('packages/client/test/sdk-3', import.meta.url).pathname
const oldReact = new URL('packages/react/test/react-18', import.meta.url).pathname

// OpenTelemetry's third line in the place of the second.
const onThirdLine = {
  ...resolve,
  alias: [
    { find: '@opentelemetry/sdk-trace-base', replacement: `${thirdLine}/sdk-trace-base.ts` },
    ...['api', 'context-async-hooks', 'sdk-metrics', 'sdk-trace'].map((name) => ({
      find: `@opentelemetry/${name}`,
      replacement: `${thirdLine}/node_modules/@opentelemetry/${name}`,
    })),
  ],
}

const onOldReact = {
  ...resolve,
  alias: ['react', 'react-dom'].map((find) => ({
    find: new RegExp(`^${find}(?=/|$)`),
    replacement: `${oldReact}/node_modules/${find}`,
  })),
}

const firefox = findFirefox()
if (firefox) process.env.FIREFOX_PATH = firefox

// How long a test takes says nothing, unless it never ends: others may run beside it.
const patient = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

// A thread begins sooner than a process.
const inThreads = (...setupFiles: string[]) => ({
  ...patient,
  pool: 'threads' as const,
  // Left to itself Vitest keeps a processor free, which on two is every second one.
  maxWorkers: '100%',
  setupFiles: ['scripts/test/own-channels.ts', ...setupFiles],
  environment: 'node' as const,
})

// What takes longest begins first: at the end it would keep one processor busy and leave the other idle.
const longest = [
  'explorer/explore.test.ts',
  'promises/12-canaries.test.ts',
  'accounts-under-load.test.ts',
  'react/axe.browser.test.tsx',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.some((path) => moduleId.endsWith(path))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

// Each file in a page of its own. Each project has plugins of its own: they keep what their server is.
const inChromium = (test: { name: string; globalSetup?: string[]; include: string[]; exclude?: string[] }) => ({
  plugins: [msw({ mode: 'worker-only' }), otlpReceiver()],
  // What a test imports late must be known before, or Vite reloads the page in the middle of the run.
  optimizeDeps: {
    include: [
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/otlp-transformer',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace',
      '@opentelemetry/sdk-trace-base',
      'axe-core',
      'jose',
      'lucide-react',
      'msw',
      'msw/browser',
      'oauth4webapi',
      'react',
      'react-dom',
      'react-dom/client',
      'react/jsx-dev-runtime',
      'react/jsx-runtime',
    ],
  },
  test: {
    ...test,
    ...patient,
    maxWorkers: '100%',
    setupFiles: ['scripts/test/empty-browser.ts', 'scripts/test/listen-for-secrets.ts'],
    browser: {
      enabled: true,
      headless: true,
      ui: false,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: headlessShellOptions(),
        // A browser grants this to whoever has just pressed something. Without a browser around it a page is granted what its driver says.
        contextOptions: { permissions: ['clipboard-write'] },
      }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
})

// Each test drives a browser of its own: one at a time, with room to start.
const drivesBrowser = {
  ...patient,
  environment: 'node',
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          ...inThreads('scripts/test/collect-telemetry.ts'),
          include: ['{packages,apps}/*/test/**/*.test.{ts,tsx}', 'scripts/test/**/*.test.ts'],
          exclude: [
            '**/*.browser.test.{ts,tsx}',
            '**/*.redis.test.ts',
            '**/node_modules/**',
            'packages/client/test/sdk-3/**',
            'packages/react/test/react-18/**',
          ],
        },
      },
      {
        // The telemetry suite once more, in Node and in a browser.
        resolve: onThirdLine,
        ssr,
        test: {
          name: 'sdk-3',
          ...inThreads('scripts/test/listen-for-secrets.ts'),
          globalSetup: ['packages/client/test/sdk-3/install.ts'],
          include: [
            'packages/client/test/telemetry/*.test.ts',
            'packages/client/test/sdk-3/*.test.ts',
            'packages/server/test/telemetry.test.ts',
          ],
          exclude: ['**/*.browser.test.ts'],
        },
      },
      {
        resolve: onThirdLine,
        cacheDir: `${thirdLine}/node_modules/.vite`,
        ...inChromium({
          name: 'sdk-3-browser',
          globalSetup: ['packages/client/test/sdk-3/install.ts'],
          include: ['packages/client/test/{telemetry,sdk-3}/*.browser.test.ts'],
        }),
      },
      {
        resolve,
        ssr,
        test: {
          name: 'rules',
          environment: 'node',
          include: ['docs/**/*.test.ts'],
          ...patient,
        },
      },
      {
        resolve,
        ...inChromium({
          name: 'browser',
          include: ['{packages,apps}/*/test/**/*.browser.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', 'packages/client/test/sdk-3/**', 'packages/react/test/react-18/**'],
        }),
      },
      {
        // What has components once more, with the oldest React that it promises to work with: on a server, and in a browser.
        resolve: onOldReact,
        ssr,
        test: {
          name: 'react-18-server',
          ...inThreads(),
          globalSetup: ['packages/react/test/react-18/install.ts'],
          include: ['packages/react/test/{mistakes,server-render,react-18/version}.test.tsx'],
        },
      },
      {
        resolve: onOldReact,
        cacheDir: `${oldReact}/node_modules/.vite`,
        ...inChromium({
          name: 'react-18',
          globalSetup: ['packages/react/test/react-18/install.ts'],
          include: [
            'packages/react/test/{*.browser,react-18/version}.test.tsx',
            'packages/devtools/test/react/{keyboard,panel,tabs}.browser.test.tsx',
          ],
          // Of what it does not have.
          exclude: ['packages/react/test/activity.browser.test.tsx'],
        }),
      },
      {
        resolve,
        ssr,
        test: {
          name: 'redis',
          environment: 'node',
          include: ['packages/*/test/**/*.redis.test.ts'],
          ...patient,
          // Each file has a Redis server of its own, and some have processes beside it.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          ...drivesBrowser,
          // What a test has is in its browser and its servers: the process, with all that it has loaded, serves the next file as well.
          isolate: false,
          // Those of the playground share it and a browser.
          globalSetup: ['apps/playground/e2e/set-up.ts'],
          include: ['{packages,apps}/*/e2e/**/*.test.ts'],
          exclude: ['**/*.firefox.test.ts'],
        },
      },
      { resolve, ssr, test: { name: 'firefox', ...drivesBrowser, include: ['apps/*/e2e/**/*.firefox.test.ts'] } },
    ],
  },
})
