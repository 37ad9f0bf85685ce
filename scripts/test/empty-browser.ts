// Runs in Chromium before each file of tests: files that one page runs after another share its origin, and with it all that
// the file before has left there.
localStorage.clear()
sessionStorage.clear()
for (const cookie of document.cookie.split('; ')) document.cookie = `${cookie.split('=')[0]}=; Max-Age=0; Path=/`
await Promise.all((await indexedDB.databases()).map(({ name }) => deleteDatabase(name ?? '')))

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
}

export {}
