import { leastHeight } from './least-height.ts'
import { themes } from './themes.ts'
import { unseen } from './unseen.ts'

/** Width of the column with the lanes' names. */
const gutter = 'clamp(104px, 14%, 132px)'

/** Pixels of the overview, the axis and a line of the timeline; no detail pane below it takes of these, but the overview gives way to it. */
const leastView = 120
const overview = 32
/** Fewer pixels of a detail pane show little more than its title. Where there is no room for both the panel scrolls. */
const leastDetail = 100

/**
 * All styles of the panel but those that come late. Every class begins with `af-` and every rule is nested in `.af-panel`: nothing
 * leaks out, and a page's own rules for plain elements do not win inside.
 */
export const styles = `
${themes}
.af-panel { position: relative; box-sizing: border-box; min-height: ${leastHeight}px; container: af-panel / inline-size; background: var(--af-ground); color: var(--af-ink);
  font: 12px/1.4 -apple-system, BlinkMacSystemFont, 'Segoe UI', Ubuntu, Cantarell, 'Noto Sans', 'Liberation Sans', Arial, sans-serif; font-variant-numeric: tabular-nums; text-align: left; }
.af-panel *, .af-panel *::before { box-sizing: border-box; margin: 0; padding: 0; }
.af-panel button { font: inherit; color: inherit; background: none; border: 0; cursor: pointer; }
.af-panel [aria-disabled='true'] { opacity: 0.45; cursor: default; }
.af-panel :focus-visible { outline: 2px solid var(--af-accent); outline-offset: -2px; }
.af-panel [hidden] { display: none; }
.af-panel kbd { font: inherit; font-size: 11px; padding: 0 5px; border: 1px solid var(--af-line); border-radius: 4px; background: var(--af-ground); color: var(--af-ink); }
.af-panel {
.af-frame { height: 100%; }
.af-body { height: 100%; display: flex; flex-direction: column; min-width: 0; overflow: hidden auto; }
.af-space { flex: 1; }
${unseen}
.af-muted { color: var(--af-muted); }

.af-toolbar, .af-tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0 4px; }
.af-toolbar { flex: none; padding: 0 8px; background: var(--af-surface); border-bottom: 1px solid var(--af-line); }
.af-title { font-weight: 650; padding: 0 8px 0 4px; letter-spacing: 0.01em; }
.af-tools { flex: 1 1 auto; min-height: 32px; }
.af-tabs { display: flex; min-height: 36px; }
.af-tabs [role='tab'] { padding: 2px 10px 0; border-bottom: 2px solid transparent; color: var(--af-muted); }
.af-tabs [role='tab']:hover { color: var(--af-ink); }
.af-tabs [role='tab'][aria-selected='true'] { color: var(--af-ink); border-bottom-color: var(--af-accent); font-weight: 600; }
.af-cluster { display: inline-flex; align-items: center; }
.af-cluster + .af-cluster, .af-pill + .af-cluster { border-left: 1px solid var(--af-line); padding-left: 4px; margin-left: 4px; }
.af-icon { display: inline-grid; place-items: center; min-width: 26px; height: 26px; border-radius: 5px; color: var(--af-muted); }
.af-icon svg, .af-headline-icon { width: 15px; height: 15px; }
.af-pill svg { width: 13px; height: 13px; }
.af-pill.af-record svg { width: 10px; height: 10px; }
.af-icon:hover:not([aria-disabled='true']) { background: var(--af-raised); color: var(--af-ink); }
.af-pill { display: inline-flex; align-items: center; gap: 6px; height: 24px; padding: 0 10px 0 8px; border: 1px solid var(--af-line); border-radius: 12px; color: var(--af-muted); white-space: nowrap; }
.af-pill:hover { color: var(--af-ink); border-color: var(--af-muted); }
.af-pill[aria-pressed='true'] { color: var(--af-accent); border-color: currentColor; font-weight: 600; }
.af-record[aria-pressed='true'] { color: var(--af-rejected-edge); }
.af-count { min-width: 16px; text-align: center; color: var(--af-muted); white-space: nowrap; }
.af-count[data-some] { color: var(--af-ink); font-weight: 600; }

.af-headline, .af-message, .af-file, .af-race { flex: none; display: flex; align-items: center; gap: 8px; min-height: 32px; padding: 4px 8px 4px 12px; border-bottom: 1px solid var(--af-line); }
.af-headline-acts { display: flex; flex: none; flex-wrap: wrap; }
.af-headline p { font-size: 13px; font-weight: 550; text-wrap: pretty; min-width: 0; }
.af-headline-icon { flex: none; }
.af-headline[data-tone='idle'] .af-headline-icon { color: var(--af-muted); }
.af-headline[data-tone='good'] .af-headline-icon { color: var(--af-good-edge); }
.af-headline[data-tone='bad'] { background: var(--af-rejected-fill); color: var(--af-rejected-ink); }
.af-headline[data-tone='warning'] { background: var(--af-failed-fill); color: var(--af-failed-ink); }
.af-headline[data-tone='notice'] { background: var(--af-discarded-fill); color: var(--af-discarded-ink); }
.af-headline[data-tone='open'] .af-headline-icon { color: var(--af-open-edge); }
.af-link { min-height: 24px; padding: 0 6px; border-radius: 4px; color: var(--af-accent); text-decoration: underline; text-underline-offset: 2px; text-align: left; }
.af-headline .af-link { color: inherit; font-weight: 600; }
.af-link:hover { background: color-mix(in srgb, currentColor 10%, transparent); }

.af-filter { position: relative; display: flex; align-items: center; flex: 1 0 auto; width: 52px; max-width: 250px; margin-left: auto; margin-right: 4px; color: var(--af-muted); }
.af-filter svg { position: absolute; left: 8px; width: 13px; height: 13px; pointer-events: none; }
.af-filter input { width: 100%; height: 24px; padding: 0 6px 0 26px; font: inherit; color: var(--af-ink); background: var(--af-ground); border: 1px solid var(--af-line); border-radius: 12px; appearance: none; }
.af-filter input::placeholder { color: var(--af-muted); opacity: 1; }
.af-filter input::-webkit-calendar-picker-indicator { display: none !important; }
.af-filter[data-some] input { border-color: var(--af-accent); }
.af-filter input[aria-invalid='true'] { border-color: var(--af-rejected-edge); }
.af-filter-problem { position: absolute; top: 100%; left: 8px; z-index: 5; width: max-content; max-width: 320px; padding: 3px 8px; background: var(--af-rejected-fill); color: var(--af-rejected-ink); border-radius: 4px; }

.af-menu { position: fixed; inset: auto; min-width: 230px; padding: 4px; color: var(--af-ink); background: var(--af-ground); border: 1px solid var(--af-line); border-radius: 8px; box-shadow: 0 6px 24px rgb(0 0 0 / 0.2); }
.af-menu button { display: flex; justify-content: space-between; gap: 16px; width: 100%; min-height: 28px; align-items: center; padding: 2px 10px; border-radius: 5px; text-align: left; }
.af-menu button:hover, .af-menu button:focus-visible { background: var(--af-raised); }
.af-menu hr { border: 0; border-top: 1px solid var(--af-line); margin: 4px 0; }

.af-message { background: var(--af-raised); }
.af-message p, .af-file p, .af-race p { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.af-file { background: var(--af-adopted-fill); color: var(--af-adopted-ink); }
.af-file .af-link { color: inherit; }
.af-race { background: var(--af-surface); padding-left: 8px; }
.af-race p { font-weight: 550; }
.af-race-number, .af-step-number { flex: none; display: inline-grid; place-items: center; width: 18px; height: 18px; border-radius: 50%; font-size: 11px; font-weight: 650; background: var(--af-accent); color: var(--af-on-accent); }
.af-controls { flex: none; display: flex; flex-wrap: wrap; align-items: center; gap: 6px; padding: 5px 12px; border-top: 1px solid var(--af-line); }
.af-controls .af-pill { padding-inline: 10px; color: var(--af-ink); }
.af-choice { display: inline-flex; align-items: center; gap: 6px; margin-left: auto; }
.af-choice select { font: inherit; color: inherit; background: var(--af-ground); border: 1px solid var(--af-line); border-radius: 12px; height: 24px; padding: 0 6px; }
.af-empty-text { padding: 24px 16px; text-align: center; color: var(--af-muted); }
.af-body[data-dropping] { outline: 3px dashed var(--af-accent); outline-offset: -6px; }

.af-brush { position: absolute; top: 0; bottom: 0; left: 0; pointer-events: none; background: color-mix(in srgb, var(--af-accent) 18%, transparent); border: solid var(--af-accent); border-width: 0 1px; }

.af-split { flex: 1 0 0; min-height: ${leastView}px; display: flex; container: af-split / size; }
.af-main { flex: 1; min-width: 0; min-height: ${leastView}px; }
.af-view { height: 100%; }
.af-side { flex: none; min-width: 232px; }
.af-split[data-direction='rows'] {
  flex-direction: column;
  .af-side { flex-shrink: 1; min-height: ${leastDetail}px; }
  &:has(.af-side) { min-height: ${leastView - overview + leastDetail}px; }
}
@container af-split (max-height: ${leastView + leastDetail}px) {
  [data-direction='rows']:has(.af-side) {
    .af-main { min-height: ${leastView - overview}px; }
    .af-overview-line { display: none; }
  }
}
.af-separator { flex: none; position: relative; background: var(--af-line); touch-action: none; }
.af-separator[aria-orientation='vertical'] { width: 1px; cursor: col-resize; }
.af-separator[aria-orientation='horizontal'] { height: 1px; cursor: row-resize; }
.af-separator::before, .af-separator::after { content: ''; position: absolute; inset: -4px; z-index: 3; border-radius: 4px; }
.af-separator:hover::before, .af-separator:focus-visible::before { background: var(--af-accent); opacity: 0.5; }
.af-separator[aria-orientation='vertical']::after { inset: 0 -18px 0 -5px; }
.af-separator[aria-orientation='horizontal']::after { inset: -18px 0 -5px; }

.af-timeline { position: relative; height: 100%; display: flex; flex-direction: column; min-height: 0; }
.af-lanes:focus-visible { outline: none; }
.af-timeline:has(.af-lanes:focus-visible)::after { content: ''; position: absolute; inset: 0; z-index: 4; border: 2px solid var(--af-accent); pointer-events: none; }
.af-overview-line, .af-axis-line { flex: none; display: grid; grid-template-columns: ${gutter} minmax(0, 1fr); border-bottom: 1px solid var(--af-line); }
.af-overview-line { height: ${overview}px; }
.af-gutter { padding: 4px 8px 0 14px; color: var(--af-muted); font-size: 11px; border-right: 1px solid var(--af-line); background: var(--af-surface); white-space: nowrap; overflow: hidden; }
.af-overview-line .af-gutter { padding-top: 8px; }
.af-overview { position: relative; overflow: hidden; }
.af-overview canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: pointer; touch-action: pan-y; }
.af-overview-window { position: absolute; inset: 0 auto 0 0; pointer-events: none; background: color-mix(in srgb, var(--af-accent) 12%, transparent); border: solid var(--af-accent); border-width: 0 1.5px; }
.af-axis-line { height: 24px; background: var(--af-surface); }
.af-axis { position: relative; height: 100%; overflow: hidden; }
.af-tick { position: absolute; left: 0; top: 0; height: 100%; padding: 4px 0 0 5px; border-left: 1px solid var(--af-line); color: var(--af-muted); font-size: 11px; white-space: nowrap; }
.af-lanes { flex: 1; min-height: 0; overflow: hidden auto; position: relative; container: af-lanes / size; scrollbar-width: thin; }
.af-lanes-all { display: grid; grid-template-columns: ${gutter} minmax(0, 1fr); min-height: 100cqh; }
.af-lane-labels { position: relative; list-style: none; background: var(--af-surface); border-right: 1px solid var(--af-line); }
.af-lane-labels li { position: absolute; left: 0; right: 0; padding: 4px 4px 0 14px; border-bottom: 1px solid var(--af-line); color: var(--af-muted); font-size: 11px; line-height: 16px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.af-lane-labels li[data-kind='lane'] { color: var(--af-ink); padding-top: 7px; }
.af-lane-labels small { color: var(--af-muted); font-size: 11px; line-height: 14px; }
.af-lane-labels [data-kind='lane'] small { display: block; }
.af-lane-labels small::before { content: ' '; }
.af-lane-labels li[data-kind='ribbon'] { padding: 8px 4px 0 8px; color: var(--af-ink); font-weight: 650; font-size: 12px; }
.af-stage { position: sticky; top: 0; height: 100cqh; overflow: hidden; }
.af-stage canvas { display: block; width: 100%; height: 100%; background: var(--af-ground); cursor: default; touch-action: pan-y; }
.af-selection { position: absolute; left: 0; top: 0; border: 2px solid var(--af-accent); border-radius: 5px; pointer-events: none; }
.af-empty { position: absolute; inset: 0 0 0 ${gutter}; display: grid; place-items: center; padding: 16px; text-align: center; color: var(--af-muted); pointer-events: none; }
.af-tooltip { position: fixed; inset: auto; max-width: 280px; color: var(--af-ink); padding: 6px 8px; background: var(--af-ground); border: 1px solid var(--af-line); border-radius: 6px; box-shadow: 0 4px 16px rgb(0 0 0 / 0.18); pointer-events: none; }
.af-tooltip dl { display: grid; gap: 1px; margin-top: 2px; }
.af-tooltip dl div { display: flex; gap: 8px; }
.af-tooltip dt { flex: 0 0 68px; color: var(--af-muted); }

.af-detail { height: 100%; overflow: auto; padding: 8px 12px 12px 20px; background: var(--af-surface); scrollbar-width: thin; }
.af-hint { color: var(--af-muted); padding-top: 8px; max-width: 34em; line-height: 1.9; }

.af-stats { flex: none; display: flex; flex-wrap: wrap; gap: 0 16px; line-height: 20px; padding: 3px 12px; background: var(--af-surface); border-top: 1px solid var(--af-line); white-space: nowrap; }
.af-stats > div { display: flex; gap: 5px; }
.af-stats dt { color: var(--af-muted); }
.af-stats dd { font-weight: 600; }

@container af-panel (max-width: 859px) {
  .af-title, .af-wide-only { display: none; }
  .af-toolbar { padding: 0 4px; }
  .af-toolbar, .af-tools { column-gap: 2px; }
  .af-tabs [role='tab'] { padding-inline: 7px; }
  .af-pill { padding: 0 8px 0 6px; gap: 4px; }
  .af-cluster + .af-cluster, .af-pill + .af-cluster { padding-left: 1px; margin-left: 1px; }
}
@container af-panel (max-width: 639px) {
  .af-filter { max-width: none; margin-left: 2px; }
  .af-headline { display: block; position: relative; padding-left: 35px; }
  .af-headline-icon { position: absolute; left: 12px; top: 6px; }
  .af-headline p, .af-headline-acts { display: inline; margin-right: 6px; }
  .af-headline-acts { margin-left: -6px; }
  .af-cluster [aria-label^='Zoom'] { display: none; }
  .af-choice select { max-width: 92px; }
  .af-body:not(:has(.af-stats-pane)) .af-stats { display: none; }
}
@media (forced-colors: active) {
  .af-tabs [role='tab'][aria-selected='false'] { border-bottom-color: Canvas; }
  .af-pill[aria-pressed='true'], .af-chip[aria-pressed='true'] { outline: 2px solid Highlight; outline-offset: -2px; }
  .af-overview-window { border-color: Highlight; }
  .af-race-number, .af-step-number { forced-color-adjust: none; }
  .af-selection { border-color: Highlight; }
}
}
`
