/** `rego.parse_module`: modules as the trees that OPA writes in JSON. */

import { issueLines, occurred, RegoError } from "../syntax/errors.ts";
import { moduleTree } from "../syntax/json-tree.ts";
import { parseModule } from "../syntax/modules.ts";
import { builtin, BuiltinError, type Builtin } from "./builtin.ts";
import { stringAt } from "./operands.ts";

/** The built-in functions that parse Rego. `names` are the names of all built-in functions, which rules must not have. */
export function syntaxBuiltins(names: () => ReadonlySet<string>): readonly Builtin[] {
  return [
    builtin("rego.parse_module", "(string, string) => object<>[string: any]", (args, context) => {
      const [path, text] = [stringAt(args, 0), stringAt(args, 1)];
      context.step(1 + (text.length >> 2));
      context.charge(32 * text.length);
      try {
        return moduleTree(parseModule(path, text, { version: "v1", builtins: names() }));
      } catch (error) {
        if (!(error instanceof RegoError)) throw error;
        const { errors } = error;
        const isEmpty = errors.length === 1 && errors[0]?.location?.row === 0;
        throw new BuiltinError(isEmpty ? error.message : occurred(errors.map(issueLines)));
      }
    }),
  ];
}
