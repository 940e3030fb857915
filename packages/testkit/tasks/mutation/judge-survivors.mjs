/** The share of a group's mutants that tests are to notice. */
const enough = 0.85;

/** Whether a test noticed a mutant: one fails, or does not end. */
export function isNoticed({ status }) {
  return status === "killed" || status === "hangs";
}

/**
 * The mutants of a group, each that nobody noticed with its reason where there is one, and the entries of `known` that speak of the group's files and
 * name no survivor any more. An entry names its survivors by `file`, `mutator`, `from` (what the code says), `to` (what the mutant says instead),
 * `on` (the line it begins on) and `status` (`survived`, or `uncovered`: no test comes past): each as it is or by a pattern for all of it, and what an entry leaves out may be anything.
 */
export function judgeSurvivors(tried, known) {
  const needed = new Set();
  const judged = tried.map((mutant) => {
    if (isNoticed(mutant)) return mutant;
    const entry = known.find((each) => names(each, mutant));
    if (entry === undefined) return mutant;
    needed.add(entry);
    return { ...mutant, reason: entry.reason };
  });
  const files = [...new Set(tried.map(({ file }) => file))];
  const stale = known.filter((each) => !needed.has(each) && files.some((file) => fits(each.file, file)));
  return { tried: judged, stale };
}

/** What of a group is not as it should be, one line each: nothing where enough is noticed, and the list of survivors is theirs. */
export function verdictOf({ tried, stale }) {
  const noticed = tried.filter(isNoticed).length;
  const share = noticed / tried.length;
  return [
    ...tried
      .filter((each) => !isNoticed(each) && each.reason === undefined)
      .map(
        ({ file, line, from, to, status }) =>
          `${status} packages/${file}:${line} ${shortened(from)} → ${shortened(to)}`,
      ),
    ...stale.map(
      ({ file, from = "", to = "" }) => `known-survivors.mjs tells of ${file}: ${from} → ${to}, which does not survive`,
    ),
    ...(share >= enough
      ? []
      : [`${noticed} of ${tried.length} noticed (${(100 * share).toFixed(1)} %), ${100 * enough} % are to be`]),
  ];
}

function shortened(text) {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}

function names({ file, mutator, from, to, on, status }, mutant) {
  return (
    fits(file, mutant.file) &&
    fits(mutator, mutant.mutator) &&
    fits(from, mutant.from) &&
    fits(to, mutant.to) &&
    fits(on, mutant.text) &&
    fits(status, mutant.status)
  );
}

function fits(wanted, text) {
  if (wanted === undefined) return true;
  return typeof wanted === "string" ? wanted === text : new RegExp(`^(?:${wanted.source})$`, wanted.flags).test(text);
}
