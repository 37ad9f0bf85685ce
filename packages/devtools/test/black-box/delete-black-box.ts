/** Removes the black box as who clears site data does. Fails where somebody holds on to it. */
export const deleteBlackBox = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('authflight-black-box')
    request.onsuccess = () => resolve()
    request.onblocked = () => reject(new Error('The black box holds its database.'))
  })
