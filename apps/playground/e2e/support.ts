// A page of the app's origin without a client and without a panel, as a support page is: it says why somebody was signed out.
import { recallRecords } from '@authflight/devtools/black-box'
import { explain } from '@authflight/devtools/report'

const said = document.querySelector('p')!
said.textContent = explain(await recallRecords()).sentence
