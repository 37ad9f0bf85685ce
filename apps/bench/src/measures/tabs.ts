import { chromium } from 'playwright-core'
import { Complaint } from '../../../../scripts/lib/complaint.mjs'
import { chromiumFlags, findChromium } from '../../../../scripts/lib/chromium.mjs'
import { tabClients } from '../clients/clients.ts'
import { runRounds, type TabsResult } from '../tabs/rounds.ts'

/** Two real tabs a client, the clients one after the other in one browser. */
export async function measureTabs(rounds: number): Promise<{ readonly browser: string; readonly rows: TabsResult[] }> {
  const executablePath = findChromium()
  if (!executablePath)
    throw new Complaint('There is no Chromium. Set CHROMIUM_PATH, or leave the tabs out with --only.')
  const browser = await chromium.launch({ args: chromiumFlags, executablePath })
  try {
    const rows: TabsResult[] = []
    for (const client of tabClients) {
      console.log(`${client.name}: ${rounds} rounds …`)
      rows.push(await runRounds(browser, client, rounds))
    }
    return { browser: `Chromium ${browser.version()}`, rows }
  } finally {
    await browser.close()
  }
}
