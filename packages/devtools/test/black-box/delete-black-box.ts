/** Removes the black box as who clears site data does. Who holds on to it keeps this waiting; the test's own limit ends it. */
export const deleteBlackBox = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('authflight-black-box')
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
