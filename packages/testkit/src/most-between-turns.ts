/** Runs `run` and returns the most work that it passed to `count` between two turns of the event loop. */
export async function mostBetweenTurns(run: (count: (work: number) => void) => Promise<unknown>): Promise<number> {
  let most = 0;
  let sinceTurn = 0;
  let running = true;
  const turn = (): void => {
    most = Math.max(most, sinceTurn);
    sinceTurn = 0;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await run((work) => (sinceTurn += work));
  running = false;
  return Math.max(most, sinceTurn);
}
