/** A part of a word. Quoted parts are neither split nor taken as patterns. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly quoted: boolean;
      /** `:-` gives the operand when the variable is empty; `%` and `#` cut a pattern off its end or beginning. */
      readonly operator?: ":-" | "-" | "%" | "%%" | "#" | "##";
      readonly operand?: Word;
    }
  | { readonly kind: "command"; readonly script: Script; readonly quoted: boolean };

export type Word = readonly WordPart[];

/** Where a stream of a command goes. */
export interface Redirection {
  readonly stream: "out" | "error" | "both";
  readonly to: "nowhere" | "out" | "error";
}

export type Statement =
  | {
      readonly kind: "command";
      readonly assignments: readonly { readonly name: string; readonly value: Word; readonly append: boolean }[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: "pipeline"; readonly parts: readonly Statement[]; readonly negated: boolean }
  | { readonly kind: "choice"; readonly operator: "and" | "or"; readonly left: Statement; readonly right: Statement }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly when: Script; readonly body: Script }[];
      readonly otherwise?: Script;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[];
      readonly body: Script;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: "while";
      readonly when: Script;
      readonly body: Script;
      readonly until: boolean;
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: "group"; readonly body: Script; readonly redirections: readonly Redirection[] };

/** Statements in order: the part of the shell's language that audits are written in, as data. */
export type Script = readonly Statement[];
