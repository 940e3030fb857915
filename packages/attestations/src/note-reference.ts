import { ScanError } from "@plimsoll/model";

/** A Grafeas note, which identifies an attestation authority. */
export interface NoteReference {
  readonly project: string;
  readonly note: string;
}

/**
 * Reads `projects/PROJECT/notes/NOTE`; the older form that begins with an API version (`v1alpha1/projects/…`) is accepted, too.
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
