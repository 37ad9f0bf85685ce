import type { Settings } from './context.ts'

/** Where the server sends a user: to the address that was asked for, if the project allows it, else to the Site URL. */
export function wayBack({ siteUrl, redirectUrls }: Settings, wanted: string | null): URL {
  const isAllowed = (url: string): boolean =>
    redirectUrls === null || new URL(url).origin === new URL(siteUrl).origin || redirectUrls.some(fits(url))
  return new URL(wanted !== null && URL.canParse(wanted) && isAllowed(wanted) ? wanted : siteUrl)
}

const fits =
  (url: string) =>
  (pattern: string): boolean => {
    const parts = pattern.split(/(\*\*?)/).map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
      return part === '**' ? '.*' : '[^./]*'
    })
    return new RegExp(`^${parts.join('')}$`).test(url)
  }
