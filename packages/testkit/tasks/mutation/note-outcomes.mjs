/**
 * Notes in `outcomes` what a run said of mutants, by id. One that was begun and not ended broke the loading of its tests (`unsaid`); the last one may
 * hang. Of one that is to be tried once more (`fresh`) nothing is known yet: a run that ends early must not leave it as noticed.
 */
export function noteOutcomes(said, outcomes, unsaid) {
  for (const line of said) if (line.status !== undefined) outcomes.set(line.id, line);
  const open = new Set(said.filter(({ fresh }) => fresh !== undefined).map(({ id }) => id));
  const last = said.at(-1)?.id;
  for (const { id } of said)
    if (!open.has(id) && !outcomes.has(id))
      outcomes.set(id, { status: id === last ? (unsaid ?? "hangs") : (unsaid ?? "killed") });
}
