/** A button that acts on your app, or a choice of what it shall do. */
export type PanelControl =
  | { readonly label: string; readonly title?: string; readonly run: () => unknown }
  | {
      readonly label: string
      readonly choices: readonly { readonly value: string; readonly label: string }[]
      readonly choose: (value: string) => unknown
    }

/** What the app lets its developers do from here. What an act throws is the app's to show. */
export function ControlsBar({ controls }: { readonly controls: readonly PanelControl[] }) {
  return (
    <div className="af-controls" role="group" aria-label="Act on the app">
      {controls.map((control) =>
        'run' in control ? (
          <button
            key={control.label}
            type="button"
            className="af-pill"
            title={control.title}
            onClick={() => void control.run()}
          >
            {control.label}
          </button>
        ) : (
          <label key={control.label} className="af-choice">
            <span className="af-muted">{control.label}</span>
            {/* What holds is the app's to know: what was chosen here says nothing once the app has chosen another. */}
            <select value="" onChange={(event) => void control.choose(event.target.value)}>
              <option value="" disabled>
                Choose …
              </option>
              {control.choices.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        ),
      )}
    </div>
  )
}
