import { asList, member } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import type { GroupVersionKind } from "./object-facts.ts";

/** What Gatekeeper's mutating webhook is called for. */
const supportedOperations: readonly string[] = ["CREATE", "UPDATE"];
const all = "*";

/** Whether an `applyTo` entry names this group, version and kind. There are no globs. */
export function appliesTo(applyTo: unknown, { group, version, kind }: GroupVersionKind): boolean {
  return asList(applyTo).some((entry) => namesKind(entry, { group, version, kind }));
}

function namesKind(entry: unknown, { group, version, kind }: GroupVersionKind): boolean {
  return (
    asList(member(entry, "groups")).includes(group) &&
    asList(member(entry, "versions")).includes(version) &&
    asList(member(entry, "kinds")).includes(kind)
  );
}

/**
 * Whether one entry names both the kind and the operation of the request. Without a request (empty operation), only entries for all operations
 * apply.
 */
export function appliesToOperation(applyTo: unknown, gvk: GroupVersionKind | undefined, operation: string): boolean {
  return asList(applyTo).some(
    (entry) => (gvk === undefined || namesKind(entry, gvk)) && matchesOperation(entry, operation),
  );
}

function matchesOperation(entry: unknown, operation: string): boolean {
  const operations = asList(member(entry, "operations"));
  const any = operations.length === 0 || operations.includes(all);
  if (operation === "") return any || supportedOperations.every((each) => operations.includes(each));
  return supportedOperations.includes(operation) && (any || operations.includes(operation));
}

/** The operations that an entry stands for, in the order in which Gatekeeper lists them. */
export function effectiveOperations(entry: unknown): readonly string[] {
  const operations = asList(member(entry, "operations"));
  if (operations.length === 0 || operations.includes(all)) return supportedOperations;
  return supportedOperations.filter((operation) => operations.includes(operation));
}

/** Checks the operations of `applyTo`. @throws {PolicyError} for unknown or repeated operations, and for others beside `*`. */
export function checkOperations(applyTo: unknown): void {
  const problems = asList(applyTo).flatMap((entry, index) => {
    const operations = asList(member(entry, "operations"));
    const where = `applyTo[${index}].operations`;
    const found = operations.flatMap((operation, at) => [
      ...(operations.indexOf(operation) < at ? [`duplicate operation "${String(operation)}" in ${where}`] : []),
      ...(operation === all || supportedOperations.includes(String(operation))
        ? []
        : [`invalid operation "${String(operation)}" in ${where}: must be one of CREATE, UPDATE, *`]),
    ]);
    const mixed = operations.includes(all) && operations.length > 1;
    return mixed ? [...found, `wildcard "*" in ${where} must not be combined with other operations`] : found;
  });
  if (problems.length > 0) throw new PolicyError("mutator", problems.join("; "));
}

/** All kinds that a list of entries names, with the operations of each. */
export function bindingsOf(applyTo: unknown): readonly (GroupVersionKind & { readonly operation: string })[] {
  return asList(applyTo).flatMap((entry) => {
    const texts = (field: string): readonly string[] => asList(member(entry, field)).map(String);
    return texts("groups").flatMap((group) =>
      texts("versions").flatMap((version) =>
        texts("kinds").flatMap((kind) =>
          effectiveOperations(entry).map((operation) => ({ group, version, kind, operation })),
        ),
      ),
    );
  });
}
