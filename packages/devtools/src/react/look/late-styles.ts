import { useLayoutEffect, useRef } from 'react'
import { tones } from '../../model/names.ts'
import { adoptStyles } from './adopt-styles.ts'

const badges = tones
  .map(
    (tone) =>
      `.af-badge[data-tone='${tone}'] { background: var(--af-${tone}-fill); color: var(--af-${tone}-ink); border-color: var(--af-${tone}-edge); }`,
  )
  .join('\n')

/** Styles of the tabs, of what is selected and of the sheet of keys, which are loaded when they are looked at. */
export const lateStyles = `
.af-panel {
.af-why, .af-stats-pane { height: 100%; overflow: auto; scrollbar-width: thin; padding: 0 16px 16px; }
.af-incident { position: relative; max-width: 860px; padding: 14px 0; border-bottom: 1px solid var(--af-line); display: grid; gap: 6px; justify-items: start; }
.af-incident:last-child { border-bottom: 0; }
.af-incident[aria-current]::before { content: ''; position: absolute; inset: 0 auto 0 -12px; border-left: 3px solid var(--af-accent); }
.af-incident header { display: flex; gap: 8px; align-items: baseline; }
.af-incident header svg { flex: none; width: 15px; height: 15px; align-self: start; margin-top: 2px; color: var(--af-muted); }
.af-incident[data-tone='bad'] header svg { color: var(--af-rejected-edge); }
.af-incident[data-tone='warning'] header svg { color: var(--af-failed-edge); }
.af-incident h2 { font-size: 13px; font-weight: 600; text-wrap: pretty; }
.af-incident > :not(header) { margin-left: 23px; }
.af-steps { list-style: none; display: grid; justify-items: start; }
.af-steps button { display: flex; gap: 8px; align-items: baseline; min-height: 26px; padding: 2px 8px 2px 0; border-radius: 5px; text-align: left; }
.af-steps button:hover { background: var(--af-raised); }
.af-steps li { position: relative; }
.af-steps li:not(:last-child)::before { content: ''; position: absolute; left: 8.5px; top: 22px; bottom: -4px; border-left: 1px solid var(--af-line); }
.af-steps .af-step-number { background: var(--af-raised); color: var(--af-ink); align-self: start; }
.af-fix { max-width: 70ch; text-wrap: pretty; }
.af-fix strong { font-weight: 600; margin-right: 4px; }
.af-incident-acts { display: flex; flex-wrap: wrap; gap: 8px; }
.af-incident-acts .af-pill { padding-inline: 12px; color: var(--af-accent); }

.af-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; margin: 0 -16px; background: var(--af-line); border-bottom: 1px solid var(--af-line); }
.af-tiles > div { padding: 12px 16px; background: var(--af-ground); }
.af-tiles dt { color: var(--af-muted); }
.af-tiles dd:first-of-type { font-size: 20px; font-weight: 600; line-height: 1.3; }
.af-tiles .af-muted { font-size: 11px; line-height: 1.35; text-wrap: pretty; }
.af-plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 20px 28px; padding-top: 16px; }
.af-plot h2 { font-size: 12px; font-weight: 600; margin-bottom: 6px; }
.af-plot svg { display: block; width: 100%; height: 56px; border-bottom: 1px solid var(--af-line); }
.af-plot rect { fill: var(--af-wait-edge); }
.af-plot-ends { display: flex; justify-content: space-between; font-size: 11px; }
.af-bars > div { display: grid; grid-template-columns: minmax(90px, 45%) 1fr; gap: 8px; padding: 2px 0; }
.af-bars dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.af-bars dd { display: flex; align-items: center; gap: 6px; font-weight: 600; }
.af-bar { height: 10px; min-width: 3px; max-width: calc(100% - 40px); border-radius: 2px; background: var(--af-wait-edge); }

.af-table-pane { height: 100%; display: flex; flex-direction: column; min-height: 0; }
.af-filters { flex: none; display: flex; align-items: center; gap: 4px; padding: 4px 8px; border-bottom: 1px solid var(--af-line); }
.af-filters .af-muted { margin-left: auto; }
.af-chip { min-height: 24px; padding: 0 10px; border-radius: 12px; color: var(--af-muted); }
.af-chip:hover { color: var(--af-ink); background: var(--af-raised); }
.af-chip[aria-pressed='true'] { background: var(--af-raised); color: var(--af-ink); font-weight: 600; }
.af-table { flex: 1; min-height: 0; overflow: auto; position: relative; scrollbar-width: thin; }
.af-table [role='rowgroup'] { position: relative; min-width: 950px; }
.af-table [role='row'] { display: grid; height: 26px; align-items: center; }
.af-table .af-thead { position: sticky; top: 0; z-index: 2; background: var(--af-surface); border-bottom: 1px solid var(--af-line); }
.af-thead button { display: flex; align-items: center; gap: 4px; width: 100%; min-height: 26px; padding: 0 8px; color: var(--af-muted); font-size: 11px; font-weight: 600; }
.af-thead button:hover, .af-thead [aria-sort$='ing'] button { color: var(--af-ink); }
.af-thead [aria-sort='ascending'] button::after { content: '↑' / ''; }
.af-thead [aria-sort='descending'] button::after { content: '↓' / ''; }
.af-table [data-numeric='true'] { text-align: right; }
.af-thead [data-numeric='true'] button { justify-content: flex-end; }
.af-row { position: absolute; inset: 0 0 auto; border-bottom: 1px solid color-mix(in srgb, var(--af-line) 60%, transparent); cursor: default; }
.af-row [role='gridcell'] { padding: 0 8px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.af-row [data-column='start'] { color: var(--af-muted); }
.af-row:hover { background: var(--af-surface); }
.af-row[aria-selected='true'] { background: color-mix(in srgb, var(--af-accent) 16%, var(--af-ground)); box-shadow: inset 2px 0 var(--af-accent); }
.af-row[data-tone='good'] [data-column='outcome'] { color: var(--af-good-ink); }
.af-row:is([data-tone='rejected'], [data-tone$='failed']) [data-column='outcome'] { color: var(--af-rejected-ink); font-weight: 600; }
.af-row[data-tone='discarded'] [data-column='outcome'] { color: var(--af-discarded-ink); font-weight: 600; }

.af-detail header { display: flex; align-items: center; gap: 8px; min-height: 28px; margin-bottom: 4px; }
.af-detail h2, .af-dialog h2 { font-size: 13px; font-weight: 650; }
.af-detail h3 { font-size: 11px; font-weight: 600; color: var(--af-muted); margin: 12px 0 4px; }
.af-badge { padding: 1px 7px; border: 1px solid; border-radius: 9px; font-size: 11px; font-weight: 600; white-space: nowrap; }
${badges}
.af-facts > div { display: flex; gap: 8px; padding: 3px 0; border-top: 1px solid var(--af-line); }
.af-facts > div:first-child { border-top: 0; }
.af-facts dt { flex: 0 0 92px; color: var(--af-muted); }
.af-facts dd { min-width: 0; overflow-wrap: anywhere; }
.af-trace { padding-top: 6px; }
.af-relations { display: grid; justify-items: start; }
.af-relations .af-link, .af-trace .af-link { margin-left: -6px; }
.af-trace .af-link::after { content: ' ↗' / ''; }
.af-attributes { font: 11px/1.5 ui-monospace, Menlo, monospace; overflow-wrap: anywhere; }
.af-attributes > div { padding: 2px 0; border-top: 1px solid var(--af-line); }
.af-attributes dt { color: var(--af-muted); }

.af-dialog { position: fixed; inset: 0; margin: auto; width: min(440px, calc(100vw - 32px)); max-height: calc(100vh - 32px); padding: 14px 18px 18px; color: var(--af-ink); background: var(--af-ground); border: 1px solid var(--af-line); border-radius: 10px; box-shadow: 0 12px 48px #0005; }
.af-dialog::backdrop { background: #0005; }
.af-dialog form { display: flex; justify-content: space-between; align-items: center; margin-bottom: 8px; }
.af-keys > div { display: grid; grid-template-columns: 128px 1fr; align-items: baseline; padding: 4px 0; border-top: 1px solid var(--af-line); }
.af-keys dt { display: flex; flex-wrap: wrap; gap: 4px; }

@container af-panel (max-width: 639px) {
  .af-stats-pane, .af-why { padding-inline: 12px; }
}
}
`

/** Brings them where the element is. Gives the element's ref. */
export function useLateStyles<E extends HTMLElement = HTMLDivElement>() {
  const element = useRef<E>(null)
  useLayoutEffect(() => adoptStyles(element.current!.getRootNode() as Document | ShadowRoot, lateStyles), [])
  return element
}
