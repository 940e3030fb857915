/** Runs of words that a document shares with the texts of the index. */

import { isMarked, runHash, runLength } from "./text-index.ts";
import type { TextIndex } from "./text-index.ts";
import { grown } from "./word-stream.ts";

/** Runs of words that a document shares with texts, in its order. */
export interface SharedRuns {
  readonly places: Int32Array;
  readonly runs: Int32Array;
  /** For each text, how many of its places have a run that the document has, */
  readonly counts: Int32Array;
  /** and how many of those have only words that every copy has. */
  readonly required: Int32Array;
  readonly offersOther: boolean;
}

/** Goes through a document once; the words are numbers of the index, 0 for one that no text has. */
export function sharedRuns(index: TextIndex, ids: Int32Array): SharedRuns {
  const { runs, runMarks, postingStarts, postingTemplates, postingRequired } = index;
  const counts = new Int32Array(index.templates.length);
  const required = new Int32Array(index.templates.length);
  const seen = new Uint8Array(postingStarts.length);
  let places = new Int32Array(64);
  let found = new Int32Array(64);
  let size = 0;
  let a = 0;
  let b = ids[0] ?? 0;
  let c = ids[1] ?? 0;
  let d = ids[2] ?? 0;
  for (let next = runLength - 1; next < ids.length; next++) {
    a = b;
    b = c;
    c = d;
    d = ids[next] ?? 0;
    if (a === 0 || b === 0 || c === 0 || d === 0) continue;
    const hash = runHash(a, b, c, d);
    if (!isMarked(runMarks, hash)) continue;
    const run = runs.get(hash);
    if (run === 0) continue;
    if (size === places.length) {
      places = grown(places);
      found = grown(found);
    }
    places[size] = next - runLength + 1;
    found[size++] = run;
    if (seen[run] !== 0) continue;
    seen[run] = 1;
    const end = postingStarts[run] ?? 0;
    for (let posting = postingStarts[run - 1] ?? 0; posting < end; posting++) {
      const template = postingTemplates[posting] ?? 0;
      counts[template] = (counts[template] ?? 0) + 1;
      required[template] = (required[template] ?? 0) + (postingRequired[posting] ?? 0);
    }
  }
  return {
    places: places.subarray(0, size),
    runs: found.subarray(0, size),
    counts,
    required,
    offersOther: Array.from(index.alternatives).some((word) => ids.includes(word)),
  };
}

/** Runs of words that the document shares with the wanted texts: sorted by text, then by place in the document. */
export interface Hits {
  /** Begin of each text's hits in the other two lists. */
  readonly starts: Int32Array;
  readonly documents: Int32Array;
  readonly positions: Int32Array;
  /** 1 where the run has only words that every copy has. */
  readonly required: Uint8Array;
  /** Whether the document has words that offer another licence. */
  readonly offersOther: boolean;
}

/** The places of the shared runs in the wanted texts. */
export function hitsOf(index: TextIndex, { places, runs, offersOther }: SharedRuns, wanted: ReadonlySet<number>): Hits {
  const { postingStarts, postingTemplates, postingPositions, postingRequired } = index;
  const starts = new Int32Array(index.templates.length + 1);
  if (wanted.size === 0)
    return {
      starts,
      documents: new Int32Array(),
      positions: new Int32Array(),
      required: new Uint8Array(),
      offersOther,
    };
  const isWanted = new Uint8Array(index.templates.length);
  for (const number of wanted) isWanted[number] = 1;
  for (const run of runs) {
    const end = postingStarts[run] ?? 0;
    for (let posting = postingStarts[run - 1] ?? 0; posting < end; posting++) {
      const template = postingTemplates[posting] ?? 0;
      if (isWanted[template] === 1) starts[template + 1] = (starts[template + 1] ?? 0) + 1;
    }
  }
  for (let template = 1; template < starts.length; template++)
    starts[template] = (starts[template] ?? 0) + (starts[template - 1] ?? 0);
  const total = starts[starts.length - 1] ?? 0;
  const documents = new Int32Array(total);
  const positions = new Int32Array(total);
  const required = new Uint8Array(total);
  const next = starts.slice();
  for (let hit = 0; hit < runs.length; hit++) {
    const run = runs[hit] ?? 0;
    const end = postingStarts[run] ?? 0;
    for (let posting = postingStarts[run - 1] ?? 0; posting < end; posting++) {
      const template = postingTemplates[posting] ?? 0;
      if (isWanted[template] !== 1) continue;
      const slot = next[template] ?? 0;
      next[template] = slot + 1;
      documents[slot] = places[hit] ?? 0;
      positions[slot] = postingPositions[posting] ?? 0;
      required[slot] = postingRequired[posting] ?? 0;
    }
  }
  return { starts, documents, positions, required, offersOther };
}
