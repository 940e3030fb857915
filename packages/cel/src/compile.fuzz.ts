import { CelCompileError, CelEvaluationError } from "./cel-error.ts";
import { compile } from "./compile.ts";
import { kubernetesFunctions } from "./functions/kubernetes/index.ts";

const activation = {
  object: { metadata: { name: "a", labels: { app: "x" } }, spec: { replicas: 3, list: [1, 2.5, "a", null, true] } },
};

/** Any text compiles and evaluates within its budget, or ends in an error of CEL. */
export function fuzz(input: Uint8Array): void {
  try {
    compile(new TextDecoder().decode(input), { functions: kubernetesFunctions }).evaluate(activation, {
      limits: { cost: 20_000 },
    });
  } catch (error) {
    if (!(error instanceof CelCompileError) && !(error instanceof CelEvaluationError)) throw error;
  }
}

/** Expressions that use every part of the grammar. */
export function seeds(): readonly Uint8Array[] {
  const sources = [
    "object.spec.list.exists(x, x == 'a') ? {'k': [1, 2u, 1.5e3]} : {}",
    "object.?metadata.?labels['app'].orValue('none').matches('^[a-z]+$') && has(object.spec.replicas)",
    "[1, 2, 3].map(x, x > 1, x * 2).transformList(i, v, i + v).sum() == 10",
    'cel.bind(n, object.metadata.name, n + r\'\\d\' + \'\\u00e9\' + """long""")',
    "quantity('1Gi').add(quantity('500m')).isGreaterThan(quantity('1')) || ip('::1').isLoopback()",
    "'%s %d %.2f'.format(['a', 1, 2.5]) + string(timestamp('2024-01-01T00:00:00Z') + duration('1h'))",
    "-9223372036854775808 % -1 == 0 || b'\\xff\\000' == b\"a\" // comment",
  ];
  return sources.map((source) => new TextEncoder().encode(source));
}
