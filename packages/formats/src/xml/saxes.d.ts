// What is used of saxes. Its own declarations do not compile under `exactOptionalPropertyTypes`.

export declare class SaxesParser {
  /** Line being read, 1-based. */
  readonly line: number;
  on(event: "error", handler: (error: Error) => void): void;
  on(event: "opentagstart" | "closetag", handler: () => void): void;
  on(
    event: "opentag",
    handler: (tag: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }) => void,
  ): void;
  on(event: "text" | "cdata", handler: (text: string) => void): void;
  write(chunk: string): this;
  close(): this;
}
