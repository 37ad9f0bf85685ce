import { useState, type ReactElement } from 'react'

interface NumberFieldProps {
  label: string
  unit: string
  value: number
  min: number
  max: number
  /** Is called with whole numbers in range only. */
  onChange: (value: number) => void
}

/** A number that is taken as soon as it is in range; what is being typed stays as it is until then. */
export function NumberField({ label, unit, value, min, max, onChange }: NumberFieldProps): ReactElement {
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <label className="number">
      <span className="visually-hidden">{label}</span>
      <input
        type="number"
        inputMode="numeric"
        min={min}
        max={max}
        required
        value={typed ?? value}
        onChange={(event) => {
          setTyped(event.target.value)
          if (event.target.validity.valid) onChange(event.target.valueAsNumber)
        }}
        onBlur={() => setTyped(null)}
      />
      <span aria-hidden>{unit}</span>
    </label>
  )
}
