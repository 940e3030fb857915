import { isNoticed } from "./judge-survivors.mjs";

/** What was found of one group, as a page of docs/generated/mutants. */
export function mutationPage({ title, tried }) {
  const left = tried.filter((each) => !isNoticed(each));
  const noticed = tried.length - left.length;
  const byReason = new Map();
  for (const each of left) byReason.set(each.reason, [...(byReason.get(each.reason) ?? []), each]);
  return [
    `# Mutants: ${title}`,
    "Written by `npm run mutation`. A mutant is one small change of a rule; it is noticed when a test of the same package fails.",
    `${noticed} of ${tried.length} are noticed, ${((100 * noticed) / tried.length).toFixed(1)} %.`,
    ...[...byReason].map(([reason, some]) =>
      [`## ${reason ?? "Without a reason yet"}`, some.map(line).join("\n")].join("\n\n"),
    ),
    "",
  ].join("\n\n");
}

function line({ file, line: number, from, to }) {
  return `- \`${file}:${number}\` ${code(from)} becomes ${code(to)}`;
}

function code(text) {
  const short = text.length <= 120 ? text : `${text.slice(0, 120)}…`;
  return short === "" ? "nothing" : `\`\` ${short} \`\``;
}
