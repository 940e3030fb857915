const kinds = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);

/** What stands at the start of each loop's body: it counts in `globalThis.__loops__` of the run that is on. */
const counted = "if (++__loops__.count > __loops__.limit) throw new Error('a loop that does not end');";

/**
 * Source text with a counter in each of its loops, so that a mutant that never ends fails its test within a moment instead of keeping its process
 * until somebody ends it. Stryker counts how often a mutant is come past, which is no help where it stands outside the loop.
 * `parse` is that of Babel, which comes with the instrumenter.
 */
export function countLoops(text, parse) {
  const inserts = [];
  const visit = (node) => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node?.type === "string") {
      if (kinds.has(node.type)) {
        const { body } = node;
        if (body.type === "BlockStatement") inserts.push({ at: body.start + 1, added: counted });
        // Of loops without braces that end at one place it does not matter whose brace is whose.
        else inserts.push({ at: body.start, added: `{ ${counted} ` }, { at: body.end, added: " }" });
      }
      Object.values(node).forEach(visit);
    }
  };
  visit(parse(text, { sourceType: "module", plugins: ["typescript"] }).program);
  let done = 0;
  const parts = [];
  for (const { at, added } of inserts.toSorted((a, b) => a.at - b.at)) {
    parts.push(text.slice(done, at), added);
    done = at;
  }
  return parts.join("") + text.slice(done);
}
