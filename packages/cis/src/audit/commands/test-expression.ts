import { matcherFor } from "../../judge/pattern.ts";
import { failed, printed } from "../command.ts";
import type { Command, CommandContext } from "../command.ts";
import { matchesShellPattern } from "../shell-pattern.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { absolute } from "./files.ts";

/** `test EXPRESSION` and `[ EXPRESSION ]`. */
export const test: Command = (args) => {
  const words = args.at(-1) === "]" ? args.slice(0, -1) : args;
  return async (_, context) => {
    const evaluation = new TestExpression(words, context, false);
    try {
      return printed("", (await evaluation.value()) ? 0 : 1);
    } catch (error) {
      if (error instanceof SyntaxError) return failed(`sh: test: ${error.message}`, 2);
      throw error;
    }
  };
};

/** `[[ EXPRESSION ]]`: `==` compares with a pattern, `=~` with a regular expression. */
export const doubleBracketTest: Command = (args) => {
  if (args.at(-1) !== "]]") throw new UnsupportedAudit("shell syntax", "]] is missing");
  return async (_, context) =>
    printed("", (await new TestExpression(args.slice(0, -1), context, true).value()) ? 0 : 1);
};

const unaryOperators = new Set(["-e", "-f", "-d", "-s", "-n", "-z", "-r", "-x", "-w", "-L", "-h"]);
const binaryOperators = new Set(["=", "==", "!=", "-eq", "-ne", "-gt", "-ge", "-lt", "-le", "=~", "<", ">"]);

class TestExpression {
  readonly #words: readonly string[];
  readonly #context: CommandContext;
  readonly #double: boolean;
  #at = 0;

  constructor(words: readonly string[], context: CommandContext, double: boolean) {
    this.#words = words;
    this.#context = context;
    this.#double = double;
  }

  async value(): Promise<boolean> {
    if (this.#words.length === 0) return false;
    const value = await this.#or();
    if (this.#at < this.#words.length) throw new SyntaxError(`${this.#words[this.#at]}: unexpected operator`);
    return value;
  }

  async #or(): Promise<boolean> {
    let value = await this.#and();
    while (this.#take(this.#double ? "||" : "-o")) value = (await this.#and()) || value;
    return value;
  }

  async #and(): Promise<boolean> {
    let value = await this.#not();
    while (this.#take(this.#double ? "&&" : "-a")) value = (await this.#not()) && value;
    return value;
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  async #not(): Promise<boolean> {
    this.#context.spend(1);
    if (this.#words[this.#at] === "!" && this.#words.length > this.#at + 1) {
      this.#at++;
      return !(await this.#not());
    }
    const operator = this.#words[this.#at + 1];
    if (this.#words[this.#at] === "(" && !(operator !== undefined && binaryOperators.has(operator))) {
      this.#at++;
      const value = await this.#or();
      if (!this.#take(")")) throw new SyntaxError("closing paren expected");
      return value;
    }
    return this.#primary();
  }

  async #primary(): Promise<boolean> {
    const first = this.#words[this.#at++] ?? "";
    const next = this.#words[this.#at];
    if (next !== undefined && binaryOperators.has(next)) {
      this.#at++;
      return this.#compare(first, next, this.#words[this.#at++] ?? "");
    }
    if (unaryOperators.has(first) && next !== undefined) {
      this.#at++;
      return this.#unary(first, next);
    }
    if (first.startsWith("-") && next !== undefined) throw new UnsupportedAudit("option of test", first.slice(0, 20));
    return first !== "";
  }

  async #unary(operator: string, operand: string): Promise<boolean> {
    if (operator === "-n") return operand !== "";
    if (operator === "-z") return operand === "";
    if (operator === "-L" || operator === "-h") throw new UnsupportedAudit("option of test", operator);
    if (operand === "") return false;
    const facts = await this.#context.facts.stat(absolute(operand));
    if (facts === undefined) throw new UnsupportedAudit("unknown file", operand);
    if (facts === null) return false;
    if (operator === "-f") return facts.type === "file";
    if (operator === "-d") return facts.type === "directory";
    if (operator === "-s") return (facts.size ?? 1) > 0;
    // Benchmarks run as root, who may read everything.
    return operator === "-x" ? (facts.mode & 0o111) !== 0 : true;
  }

  #compare(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case "=":
      case "==":
        return this.#double ? matchesShellPattern(right, left) : left === right;
      case "!=":
        return this.#double ? !matchesShellPattern(right, left) : left !== right;
      case "=~":
        return matcherFor(right).test(left);
      case "<":
        return left < right;
      case ">":
        return left > right;
      default: {
        if (!/^\s*[+-]?\d{1,15}\s*$/.test(left) || !/^\s*[+-]?\d{1,15}\s*$/.test(right))
          throw new SyntaxError(`${left}: integer expression expected`);
        const [a, b] = [Number(left), Number(right)];
        if (operator === "-eq") return a === b;
        if (operator === "-ne") return a !== b;
        if (operator === "-gt") return a > b;
        if (operator === "-ge") return a >= b;
        return operator === "-lt" ? a < b : a <= b;
      }
    }
  }
}
