// The package ships no typings; this is the part of its interface that we use.
declare module "spdx-expression-parse" {
  interface LicenseNode {
    readonly license: string;
    readonly plus?: true;
    readonly exception?: string;
  }
  interface ConjunctionNode {
    readonly left: LicenseNode | ConjunctionNode;
    readonly conjunction: "and" | "or";
    readonly right: LicenseNode | ConjunctionNode;
  }
  /** Throws for anything that is no SPDX licence expression. */
  export default function parse(source: string): LicenseNode | ConjunctionNode;
}
