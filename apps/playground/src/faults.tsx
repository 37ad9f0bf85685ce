import { useState, type ReactElement } from 'react'
import { faultChoice, faultChoices, faultOf, type FaultParameter } from './fault-kinds.ts'
import { NumberField } from './number-field.tsx'
import type { Server } from './use-server-state.ts'
import './faults.css'

/** What goes wrong with requests for tokens. */
export function Faults({ server }: { server: Server }): ReactElement {
  const { fault } = server.state
  const choice = faultChoice(fault.kind)
  const [values, setValues] = useState<Partial<Record<FaultParameter['name'], number>>>({})
  const { parameter } = choice
  return (
    <section className="card" aria-labelledby="faults">
      <h2 id="faults">Faults</h2>
      <fieldset className="faults">
        <legend className="muted">What goes wrong at the token endpoint, until you choose another</legend>
        <div className="fault-choices" role="radiogroup" aria-label="Token endpoint fault">
          {faultChoices.map((each) => (
            <label key={each.kind} className="fault">
              <input
                type="radio"
                name="fault"
                checked={each === choice}
                aria-describedby={each === choice ? 'fault-text' : undefined}
                onChange={() => server.setFault(faultOf(each, each.parameter && values[each.parameter.name]))}
              />
              {each.label}
            </label>
          ))}
        </div>
        <div className="fault-detail">
          {parameter && (
            <NumberField
              key={parameter.name}
              label={parameter.label}
              unit={parameter.unit}
              value={fault[parameter.name] ?? parameter.initial}
              min={parameter.min}
              max={parameter.max}
              onChange={(value) => {
                setValues({ ...values, [parameter.name]: value })
                server.setFault(faultOf(choice, value))
              }}
            />
          )}
          <p id="fault-text">{choice.lookFor}</p>
        </div>
      </fieldset>
    </section>
  )
}
