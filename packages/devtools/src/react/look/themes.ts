import { tones } from '../../model/names.ts'
import { type Palette, palettes, type Theme } from '../../timeline/palette.ts'

function variables(theme: Theme, palette: Palette): string {
  const plain = (['ground', 'surface', 'raised', 'line', 'ink', 'muted', 'accent'] as const).map(
    (name) => `--af-${name}: ${palette[name]};`,
  )
  const toned = tones.map((tone) => {
    const { fill, edge, ink } = palette.tones[tone]
    return `--af-${tone}-fill: ${fill}; --af-${tone}-edge: ${edge}; --af-${tone}-ink: ${ink};`
  })
  const scheme = theme === 'forced' ? 'light dark' : theme
  return `.af-panel[data-theme='${theme}'] { color-scheme: ${scheme}; --af-on-accent: ${palette.onAccent}; ${plain.join(' ')} ${toned.join(' ')} }`
}

/** The colours of every theme, as custom properties of `.af-panel`. */
export const themes = (Object.keys(palettes) as Theme[]).map((theme) => variables(theme, palettes[theme])).join('\n')
