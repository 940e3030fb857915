/** Counts the turns of the event loop from here on, until it is stopped: how often others were let in meanwhile. */
export function countTurns(): { readonly count: number; stop(): void } {
  let count = 0;
  let isOn = true;
  const turn = (): void => {
    count++;
    if (isOn) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    get count() {
      return count;
    },
    stop() {
      isOn = false;
    },
  };
}
