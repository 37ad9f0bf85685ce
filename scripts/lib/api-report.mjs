import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

/**
 * The public surface of a package as text: every name that an app can import, with its types, in the order of the alphabet. It is
 * read from the declarations that `npm run build` made.
 *
 * The entry point itself comes as it is; every other is a namespace: what `@authflight/client/oauth` exports stands in `from_oauth`.
 *
 * @param {string} folder of the package, absolute
 * @returns {string}
 * @throws when the declarations are missing or do not compile
 */
export function reportApi(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // The extractor takes one entry point and what stands beside it.
  const entry = join(folder, 'dist', 'every-entry.d.ts')
  const work = mkdtempSync(join(tmpdir(), 'authflight-api-'))
  try {
    writeFileSync(entry, joinEntries(exports))
    Extractor.invoke(configure(folder, entry, work), { localBuild: true, messageCallback: complain })
    return readFileSync(join(work, 'api.api.md'), 'utf8')
  } finally {
    rmSync(entry, { force: true })
    rmSync(work, { recursive: true })
  }
}

/** @param {Record<string, string | { types: string }>} exports of package.json */
function joinEntries(exports) {
  return Object.entries(exports)
    .flatMap(([subpath, target]) => {
      if (typeof target === 'string') return []
      const module = target.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, './$1.js')
      const namespace = subpath === '.' ? '' : ` as from_${subpath.slice(2).replaceAll(/\W/g, '_')}`
      return [`export *${namespace} from '${module}'\n`]
    })
    .join('')
}

/**
 * @param {string} folder
 * @param {string} entry
 * @param {string} work where it may leave what it makes
 */
function configure(folder, entry, work) {
  const quiet = { default: { logLevel: ExtractorLogLevel.None } }
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
            module: 'esnext',
            moduleResolution: 'bundler',
            types: [],
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFolder: work,
        reportTempFolder: work,
        reportFileName: 'api',
        // A type without a name of its own in the surface is as much a promise as one that has it.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
      },
    },
  })
}

/** @param {import('@microsoft/api-extractor').ExtractorMessage} message */
function complain(message) {
  message.handled = true
  if (message.logLevel === ExtractorLogLevel.Error) throw new Error(message.formatMessageWithLocation(undefined))
}
