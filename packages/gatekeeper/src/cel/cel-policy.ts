import {
  CelBudget,
  CelCompileError,
  CelEvaluationError,
  CelLimitError,
  compile,
  fromNative,
  kubernetesFunctions,
  lazyMap,
  type CelProgram,
  type CelValue,
  type CompileOptions,
} from "@plimsoll/cel";
import type { WorkBudget } from "@plimsoll/model";
import { isOwnError, reachesOf, type Reach, type Settlement } from "./variable-reach.ts";

/** Whether an object is refused (`Fail`) or not (`Ignore`) when an expression of a policy ends in an error. */
export type FailurePolicy = "Fail" | "Ignore";

/** A named expression: a variable or a match condition. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** The values of variables that depend on a subject alone, by their definitions. Private to this module, so not a member of the class. */
let settledAbout: (subject: CelSubject) => Map<string, Settlement>;

/** A condition that must be true, and the message where it is not. */
export interface CelValidation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

/** A policy in CEL, as ValidatingAdmissionPolicy and K8sNativeValidation templates state it. */
export interface CelPolicySource {
  readonly variables: readonly NamedExpression[];
  readonly matchConditions: readonly NamedExpression[];
  readonly validations: readonly CelValidation[];
  readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[];
  readonly failurePolicy: FailurePolicy;
}

/** The input of an evaluation, without the parameters. */
export interface CelReviewed {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: unknown;
  readonly namespaceObject: unknown;
  /** This and the next member are made by `authorizer` and `resourceCheck` of `@plimsoll/cel`; absent: using these variables is an error. */
  readonly authorizer?: unknown;
  readonly requestResource?: unknown;
}

/** The input of an evaluation, with the parameters. */
export interface CelReview extends CelReviewed {
  readonly params: unknown;
}

/** The input as CEL values, converted once for all policies. It also caches the values of policies' variables that depend on the input alone. */
export class CelSubject {
  /** The values by variable name. */
  readonly activation: Readonly<Record<string, unknown>>;
  readonly #settled: Map<string, Settlement> = new Map();
  static {
    settledAbout = (subject) => subject.#settled;
  }
  constructor(review: CelReviewed) {
    this.activation = {
      object: fromNative(review.object),
      oldObject: fromNative(review.oldObject),
      request: fromNative(review.request),
      namespaceObject: fromNative(review.namespaceObject),
      authorizer: review.authorizer,
      "authorizer.requestResource": review.requestResource,
    };
  }
}

/** A violation of a policy. */
export interface CelDenial {
  readonly message: string;
  /** The expression that was not true. */
  readonly expression: string;
  /** True where the expression ended in an error; it is a denial if the failure policy is `Fail`. */
  readonly failed: boolean;
  readonly reason?: string;
}

/** The result of evaluating a policy. */
export interface CelVerdict {
  /** False where a match condition is false, so that the policy does not apply. */
  readonly applies: boolean;
  readonly denials: readonly CelDenial[];
  /** Errors that are ignored by failure policy `Ignore`: the object was not evaluated by these expressions. */
  readonly ignored: readonly CelDenial[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/**
 * Evaluates a policy. `budget` limits the work of all policies together, in addition to the cost limit of each; once it is used up, expressions end
 * in an error.
 */
export type JudgeByCel = (subject: CelSubject, budget?: WorkBudget) => CelVerdict;

/** A compiled policy. Expressions that do not compile end in an error whenever they are evaluated, as in Kubernetes. */
export interface CelPolicy {
  /** Errors in its expressions, each with its location. */
  readonly problems: readonly string[];
  /** The expressions of its validations, in order. */
  readonly expressions: readonly string[];
  evaluate(review: CelReview): CelVerdict;
  /** The policy with its parameters, for many evaluations: variables that depend on the parameters alone are evaluated once. */
  withParameters(params: unknown): JudgeByCel;
}

const visible = {
  object: "dyn",
  oldObject: "dyn",
  request: "dyn",
  params: "dyn",
  namespaceObject: "dyn",
  variables: "dyn",
  authorizer: "kubernetes.authorization.Authorizer",
  "authorizer.requestResource": "kubernetes.authorization.ResourceCheck",
};

/** What all expressions of one policy may cost for one review; Kubernetes' own budget. */
const costBudget = 10_000_000;
/** Longer messages are cut off by Kubernetes, too. */
const maxMessage = 5 * 1024;
/** Longer values of annotations are cut off, too. */
const maxAnnotation = 10 * 1024;

type Evaluate = (scope: Scope) => CelValue;

/** A variable of a policy. */
interface Variable {
  readonly evaluate: Evaluate;
  readonly reach: Reach;
}

/** What all policies in CEL have in common, compiled. */
interface PolicyFrame {
  readonly problems: string[];
  readonly conditions: readonly Evaluate[];
  /** Compiles an expression. `type`: what it must come to. */
  readonly prepare: (where: string, expression: string, type?: string) => Evaluate;
  /** One review. */
  readonly scopeOf: (subject: CelSubject, parameters: Parameters, budget: WorkBudget | undefined) => Scope;
}

function policyFrame(
  source: Pick<CelPolicySource, "variables" | "matchConditions">,
  messages: Pick<CompileOptions, "construct" | "messageType">,
): PolicyFrame {
  const problems: string[] = [];
  const reads = new Map<string, ReadonlySet<string>>();
  const prepare = (where: string, expression: string, type?: string, variable?: string): Evaluate => {
    try {
      const program = compiled(expression, messages);
      if (variable !== undefined) reads.set(variable, program.reads);
      if (type !== undefined && !fits(program.resultType, type))
        throw new CelCompileError([{ message: `must evaluate to ${type}`, position: { line: 1, column: 1 } }]);
      return (scope) => scope.run(program);
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      problems.push(`${where}: ${error.message}`);
      const message = `compilation failed: ${error.message}`;
      return () => {
        throw new CelEvaluationError(message);
      };
    }
  };
  const evaluations = new Map(
    source.variables.map(({ name, expression }) => [name, prepare(`variables.${name}`, expression, undefined, name)]),
  );
  const reaches = reachesOf(source.variables, reads);
  const variables = new Map<string, Variable>();
  for (const [name, evaluate] of evaluations)
    variables.set(name, { evaluate, reach: reaches.get(name) ?? { of: "both" } });
  const names = new Set(variables.keys());
  const conditions = source.matchConditions.map(({ name, expression }) =>
    prepare(`matchConditions.${name}`, expression),
  );
  return {
    problems,
    conditions,
    prepare: (where, expression, type) => prepare(where, expression, type),
    scopeOf: (subject, parameters, budget) => new Scope(subject, parameters, { evaluations: variables, names }, budget),
  };
}

/** Programs by their text, where no types of messages belong to it. */
const programs = new Map<string, CelProgram>();
const mostPrograms = 1_000;
const longestText = 4_096;

/** Templates define their variables alike: what they have in common is compiled once, and at hand when the next of them is asked. */
function compiled(expression: string, messages: Pick<CompileOptions, "construct" | "messageType">): CelProgram {
  const make = (): CelProgram =>
    compile(expression, { functions: kubernetesFunctions, variables: visible, ...messages });
  if (messages.construct !== undefined || messages.messageType !== undefined) return make();
  const known = programs.get(expression);
  if (known !== undefined) return known;
  const program = make();
  if (programs.size >= mostPrograms) programs.clear();
  if (expression.length <= longestText) programs.set(expression, program);
  return program;
}

/** Whether a type that the checker found may be one that is asked for. */
function fits(found: string, asked: string): boolean {
  return found === asked || found === "dyn" || (asked.startsWith("list(") && found === "list(dyn)");
}

/** Compiles a policy. Never throws: errors are listed in `problems`, and the failure policy decides what they mean for objects. */
export function celPolicy(source: CelPolicySource): CelPolicy {
  const { problems, conditions, prepare, scopeOf } = policyFrame(source, {});
  const validations = source.validations.map((validation, index) => ({
    ...validation,
    evaluate: prepare(`validations[${index}]`, validation.expression),
    say:
      validation.messageExpression === undefined || validation.messageExpression === ""
        ? undefined
        : prepare(`validations[${index}].messageExpression`, validation.messageExpression),
  }));
  const annotations = (source.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
    key,
    expression: valueExpression,
    evaluate: prepare(`auditAnnotations.${key}`, valueExpression),
  }));
  const judgeIn = (scope: Scope): CelVerdict => {
    const matched = matchConditions(scope, conditions, source);
    if (matched === false) return doesNotApply;
    const ignores = source.failurePolicy === "Ignore";
    if (matched !== true) {
      const found = ignores ? { denials: [], ignored: [matched] } : { denials: [matched], ignored: [] };
      return { applies: !ignores, ...found, auditAnnotations: {} };
    }
    const denials: CelDenial[] = [];
    for (const validation of validations) {
      const denial = judge(scope, validation);
      if (denial !== undefined) denials.push(denial);
    }
    const values = annotate(scope, annotations, denials);
    if (denials.length === 0 && values === noAnnotations) return allows;
    return {
      applies: true,
      denials: ignores ? denials.filter(({ failed }) => !failed) : denials,
      ignored: ignores ? denials.filter(({ failed }) => failed) : [],
      auditAnnotations: values,
    };
  };
  const withParameters: CelPolicy["withParameters"] = (params) => {
    const settled = new Map<string, Settlement>();
    const value = fromNative(params);
    return (subject, budget) => {
      const scope = scopeOf(subject, { value, settled }, budget);
      try {
        return judgeIn(scope);
      } finally {
        scope.end();
      }
    };
  };
  return {
    problems,
    expressions: source.validations.map(({ expression }) => expression),
    evaluate: ({ params, ...reviewed }) => withParameters(params)(new CelSubject(reviewed)),
    withParameters,
  };
}

const noDenials: readonly never[] = [];
const noAnnotations: Readonly<Record<string, string>> = {};
const doesNotApply: CelVerdict = {
  applies: false,
  denials: noDenials,
  ignored: noDenials,
  auditAnnotations: noAnnotations,
};
const allows: CelVerdict = { ...doesNotApply, applies: true };

/** A mutating policy: its conditions, variables and mutations. */
export interface CelMutationSource extends Pick<CelPolicySource, "variables" | "matchConditions"> {
  /** Expressions whose values are changes, and the type that each value must have. */
  readonly mutations: readonly { readonly expression: string; readonly type: string }[];
}

/** A compiled mutating policy. */
export interface CelMutation {
  readonly problems: readonly string[];
  /** Whether the match conditions are true for an object. One false condition outweighs errors of others; an error is returned as a denial. */
  applies(subject: CelSubject, params: unknown, budget?: WorkBudget): boolean | CelDenial;
  /** The value of the mutation at `index`. @throws {CelEvaluationError} where it ends in an error. */
  evaluate(index: number, subject: CelSubject, params: unknown, budget?: WorkBudget): CelValue;
}

/** Compiles the expressions of a mutating policy; see {@link celPolicy}. */
export function celMutation(
  source: CelMutationSource,
  messages: Pick<CompileOptions, "construct" | "messageType">,
): CelMutation {
  const { problems, conditions, prepare, scopeOf } = policyFrame(source, messages);
  const mutations = source.mutations.map(({ expression, type }, index) =>
    prepare(`mutations[${index}]`, expression, type),
  );
  const inScope = <Value>(
    { subject, params, budget }: { subject: CelSubject; params: unknown; budget: WorkBudget | undefined },
    work: (scope: Scope) => Value,
  ): Value => {
    const scope = scopeOf(subject, { value: fromNative(params), settled: new Map() }, budget);
    try {
      return work(scope);
    } finally {
      scope.end();
    }
  };
  return {
    problems,
    applies: (subject, params, budget) =>
      inScope({ subject, params, budget }, (scope) => matchConditions(scope, conditions, source)),
    evaluate: (index, subject, params, budget) =>
      inScope({ subject, params, budget }, (scope) => mutations[index]?.(scope) ?? null),
  };
}

/** Parameters, with what the policy found out about them alone. */
interface Parameters {
  readonly value: CelValue;
  readonly settled: Map<string, Settlement>;
}

/** The variables of a policy by name. */
interface Variables {
  readonly evaluations: ReadonlyMap<string, Variable>;
  readonly names: ReadonlySet<string>;
}

/** One review of one policy. Variables are evaluated when they are first asked for, and once. */
class Scope {
  readonly #activation: Readonly<Record<string, unknown>>;
  /** What is known of the subject alone. */
  readonly #settled: Map<string, Settlement>;
  readonly #parameters: Parameters;
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #known: Map<string, "busy" | Settlement> = new Map();
  readonly #budget: CelBudget;
  /** Whether a variable is being evaluated, what it has asked for, and what that has cost. */
  #isInVariable = false;
  #asked: string[] | undefined;
  #askedCost = 0;

  constructor(
    subject: CelSubject,
    parameters: Parameters,
    { evaluations, names }: Variables,
    budget: WorkBudget | undefined,
  ) {
    this.#settled = settledAbout(subject);
    this.#parameters = parameters;
    this.#variables = evaluations;
    this.#budget = new CelBudget(costBudget, budget);
    const { object, oldObject, request, namespaceObject, authorizer } = subject.activation;
    // Written out: one is made for each policy and review.
    this.#activation = {
      object,
      oldObject,
      request,
      namespaceObject,
      authorizer,
      "authorizer.requestResource": subject.activation["authorizer.requestResource"],
      params: parameters.value,
      variables: lazyMap(names, (name) => this.#variable(name)),
    };
  }

  /** The review is over: what it has cost is told. */
  end(): void {
    this.#budget.tellShared();
  }

  run(program: CelProgram): CelValue {
    return program.valueOf(this.#activation, this.#budget);
  }

  #variable(name: string): CelValue {
    if (this.#isInVariable && this.#asked?.includes(name) !== true) (this.#asked ??= []).push(name);
    const { value, error } = this.#settle(name);
    if (value !== undefined) return value;
    if (!(error instanceof CelEvaluationError) || error instanceof CelLimitError) throw error;
    throw new CelEvaluationError(`composited variable "${name}" fails to evaluate: ${error.message}`, { cause: error });
  }

  #settle(name: string): Settlement {
    const known = this.#known.get(name);
    if (known === "busy") throw new CelEvaluationError(`variable ${name} is defined by itself`);
    return known ?? this.#settleAnew(name, this.#variables.get(name));
  }

  #settleAnew(name: string, variable: Variable | undefined): Settlement {
    const { shared, key } = this.#sharedFor(name, variable);
    const found = shared?.get(key);
    const outerCost = this.#askedCost;
    const before = this.#budget.spent;
    if (found !== undefined) {
      // It costs what it would have cost to evaluate it here, with the variables that it asks for.
      this.#budget.spend(found.cost);
      for (const each of found.asked ?? []) this.#settle(each);
      this.#askedCost = outerCost + this.#budget.spent - before;
      this.#known.set(name, found);
      return found;
    }
    this.#known.set(name, "busy");
    const outerAsked = this.#asked;
    const isInner = this.#isInVariable;
    this.#isInVariable = true;
    this.#asked = undefined;
    this.#askedCost = 0;
    let value: CelValue | undefined;
    let error: unknown;
    let isOwn = true;
    try {
      value = variable?.evaluate(this) ?? null;
    } catch (thrown) {
      error = thrown;
      isOwn = isOwnError(thrown);
    }
    const spent = this.#budget.spent - before;
    const settled: Settlement = { value, error, cost: spent - this.#askedCost, asked: this.#asked };
    this.#isInVariable = isInner;
    this.#asked = outerAsked;
    this.#askedCost = outerCost + spent;
    this.#known.set(name, settled);
    if (isOwn) shared?.set(key, settled);
    return settled;
  }

  /** Where the value of a variable is kept for other policies, or other reviews. */
  #sharedFor(
    name: string,
    variable: Variable | undefined,
  ): { readonly shared: Map<string, Settlement> | undefined; readonly key: string } {
    const reach = variable?.reach;
    if (reach?.of === "subject") return { shared: this.#settled, key: reach.key };
    return { shared: reach?.of === "params" ? this.#parameters.settled : undefined, key: name };
  }
}

function attempt<Value>(step: () => Value): Value | CelEvaluationError {
  try {
    return step();
  } catch (error) {
    if (error instanceof CelEvaluationError) return error;
    throw error;
  }
}

/** False beats an error: a policy that does not apply cannot fail. */
function matchConditions(
  scope: Scope,
  conditions: readonly Evaluate[],
  source: Pick<CelPolicySource, "matchConditions">,
): boolean | CelDenial {
  let problem: { readonly error: Error; readonly index: number } | undefined;
  for (const [index, condition] of conditions.entries()) {
    const held = attempt(() => condition(scope));
    if (held === false) return false;
    if (held !== true)
      problem ??= {
        error: held instanceof Error ? held : new Error("the condition did not evaluate to a bool"),
        index,
      };
  }
  if (problem === undefined) return true;
  const expression = source.matchConditions[problem.index]?.expression ?? "";
  return { message: `match condition failed: ${problem.error.message}`, expression, failed: true };
}

type PreparedValidation = CelValidation & { readonly evaluate: Evaluate; readonly say: Evaluate | undefined };

function judge(scope: Scope, validation: PreparedValidation): CelDenial | undefined {
  const held = attempt(() => validation.evaluate(scope));
  if (held === true) return undefined;
  const { expression, reason } = validation;
  if (held === false) {
    const message = messageOf(scope, validation);
    return { message, expression, failed: false, ...(reason === undefined ? {} : { reason }) };
  }
  const why = held instanceof Error ? held.message : "the expression did not evaluate to a bool";
  return { message: `expression '${expression.trim()}' resulted in error: ${why}`, expression, failed: true };
}

/** The message expression's text where it gives one line of it, else the message, else the expression. */
function messageOf(scope: Scope, { say, message, expression }: PreparedValidation): string {
  const said = say === undefined ? undefined : attempt(() => say(scope));
  if (typeof said === "string" && said.trim() !== "" && said.length <= maxMessage && !said.includes("\n"))
    return said.trim();
  return message !== undefined && message !== "" ? message.trim() : `failed expression: ${expression.trim()}`;
}

interface PreparedAnnotation {
  readonly key: string;
  readonly expression: string;
  readonly evaluate: Evaluate;
}

/** Evaluates audit annotations. A string is recorded, null is not, and anything else is a failure, as in Kubernetes. */
function annotate(
  scope: Scope,
  annotations: readonly PreparedAnnotation[],
  failures: CelDenial[],
): Readonly<Record<string, string>> {
  if (annotations.length === 0) return noAnnotations;
  const values: [string, string][] = [];
  for (const { key, expression, evaluate } of annotations) {
    const value = attempt(() => evaluate(scope));
    if (typeof value === "string") {
      const text = value.trim().slice(0, maxAnnotation);
      if (text !== "") values.push([key, text]);
    } else if (value !== null) {
      const why =
        value instanceof Error
          ? `resulted in error: ${value.message}`
          : "resulted in unsupported return type. Return type must be either string or null";
      failures.push({ message: `valueExpression '${expression.trim()}' ${why}`, expression, failed: true });
    }
  }
  return Object.fromEntries(values);
}
