import { ScanError } from "@plimsoll/model";

/** A note of Grafeas, which says who attests. */
export interface NoteReference {
  readonly project: string;
  readonly note: string;
}

/**
 * Reads `projects/PROJECT/notes/NOTE`; the older form with an API version in front (`v1alpha1/projects/…`) is read as well.
 * @throws ScanError for any other text.
 */
export function parseNoteReference(text: string): NoteReference {
  const [, project, note] = /^(?:v1(?:alpha1|beta1)?\/)?projects\/([^/\s]+)\/notes\/([^/\s]+)$/.exec(text) ?? [];
  if (project === undefined || note === undefined) {
    const reason = `${JSON.stringify(text.slice(0, 200))} is not of the form projects/PROJECT/notes/NOTE`;
    throw new ScanError({ kind: "malformed-document", label: "noteReference", reason });
  }
  return { project, note };
}
