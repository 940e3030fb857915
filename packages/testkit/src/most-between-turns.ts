/** The most work that `count` was told of between two turns of the event loop while `run` ran. */
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
