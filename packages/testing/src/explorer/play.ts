import type { Actor } from './actor.ts'
import { finish } from './finish.ts'
import type { Amid, History } from './history.ts'
import { operationAt } from './operations/index.ts'
import { open } from './opening.ts'
import { readStep, type Schedule, type Step } from './schedule.ts'
import { turn } from './turn.ts'
import { createWorld, type World } from './world.ts'

/** What a run was. */
export interface Run {
  readonly history: History
  /** Decisions that the schedule has made, without those that bring a run to its end. */
  readonly decisions: number
  /** What its clients have told somebody, as it was: errors, broadcasts, names of channels and locks. */
  readonly said: readonly unknown[]
  /** Which secrets of the run stand in a text, whole or by their first eight characters, by printable ids and with their disguise. */
  leaksIn(text: string): Promise<string[]>
}

/** Plays a schedule in a world of its own, brings it to rest and looks at what is left. Nothing of it depends on anything else. */
export async function play({ setting, opening, steps }: Schedule): Promise<Run> {
  const world = createWorld(setting, opening.seed)
  await open(world, opening)
  let decisions = 0
  for (const number of steps) {
    if (!decide(world, readStep(number))) continue
    decisions += 1
    await turn()
  }
  await finish(world)
  const { said, leaksIn } = world.secrets
  return { history: world.history, decisions, said, leaksIn }
}

/** False where there was nothing to decide. */
function decide(world: World, step: Step): boolean {
  const { choices, time } = world
  switch (step.kind) {
    case 'timer': {
      const timers = time.eligible()
      const timer = timers[step.which % Math.max(timers.length, 1)]
      if (!timer) return false
      world.note(null, () => 'time passes until a timer fires')
      timer.fire()
      return true
    }
    case 'fault':
    case 'go': {
      const eligible = choices.eligible()
      const choice = eligible[step.which % Math.max(eligible.length, 1)]
      // Nothing waits: somebody does something, so that no decision is idle.
      if (!choice) return operate(world, step.which, step.choice)
      const fault =
        step.kind === 'fault' ? (choice.faults[step.choice % Math.max(choice.faults.length, 1)] ?? null) : null
      world.note(choice.tab, () => `${choice.describe()}${fault === null ? '' : `, but: ${fault}`}`)
      choices.take(choice, fault)
      return true
    }
    case 'operation':
      return operate(world, step.which, step.choice)
  }
}

function operate(world: World, which: number, choice: number): boolean {
  const { actors } = world
  const here: Actor[] = actors.filter(({ tab, isDisposed }) => tab.isAlive && !tab.isFrozen && !isDisposed)
  // A frozen page does nothing by itself, but it can be thawed.
  const all = actors.filter(({ tab }) => tab.isAlive)
  const operation = operationAt(world.dialect, which)
  const crowd = operation.awaits.length > 0 || here.length === 0 ? here : all
  const actor = crowd[choice % Math.max(crowd.length, 1)]
  if (!actor) {
    const tab = world.tabs.find(({ isAlive, isFrozen }) => isAlive && !isFrozen)
    if (!tab && world.tabs.some(({ isAlive }) => isAlive)) return thaw(world)
    world.join(tab ?? world.open())
    return true
  }
  world.tell({ kind: 'operated', client: actor.name, operation: operation.name, amid: amidst(world) })
  operation.do(world, actor, Math.floor(choice / crowd.length))
  return true
}

/** What is under way now, and for what it waits. */
function amidst({ calls, choices, tabs }: World): Amid[] {
  const amid: Amid[] = []
  for (const call of calls) {
    if (call.settled || !tabs.some((tab) => tab.isAlive && tab.name === call.tab)) continue
    const { operation } = call
    const own = choices.all.filter((choice) => choice.call === call)
    for (const { kind } of own) amid.push({ operation, awaiting: kind })
    if (own.length === 0) amid.push({ operation, awaiting: 'others' })
  }
  return amid
}

function thaw(world: World): boolean {
  for (const tab of world.tabs) {
    if (!tab.isAlive || !tab.isFrozen) continue
    tab.isFrozen = false
    world.deed('resumed', tab)
    tab.signal('resumed')
  }
  return true
}
