/** One check of a built-in benchmark, in the form of kube-bench's files. */
export interface OwnCheck {
  readonly id: string;
  readonly text: string;
  readonly remediation: string;
  readonly scored: boolean;
  readonly aliases?: readonly string[];
  readonly type?: "manual";
  readonly audit?: string;
  readonly audit_config?: string;
  readonly use_multiple_values?: boolean;
  readonly tests?: { readonly bin_op: "and" | "or"; readonly test_items: readonly OwnItem[] };
}

/** A value to search for and compare. */
export interface OwnItem {
  readonly flag?: string;
  readonly path?: string;
  readonly env?: string;
  readonly set?: boolean;
  readonly compare?: { readonly op: string; readonly value: string };
}

/** A flag that a process must have, with the compared value if an operator is given. */
export function item(flag: string, op?: string, value = "", more: Partial<OwnItem> = {}): OwnItem {
  return { flag, ...more, ...(op === undefined ? {} : { compare: { op, value } }) };
}

/** A check that only a person can do. */
export function manual(id: string, text: string, remediation: string): OwnCheck {
  return { id, text, remediation, scored: false, type: "manual" };
}

/** How the flags of a process are checked. */
export interface FlagSource {
  readonly audit: string;
  readonly audit_config?: string;
}

/** A check of the flags of a process; all items must pass, with `any` at least one. */
export function flags(
  source: FlagSource,
  id: string,
  text: string,
  items: readonly OwnItem[],
  remediation: string,
  options: { readonly any?: boolean; readonly scored?: boolean } = {},
): OwnCheck {
  const tests = { bin_op: options.any === true ? ("or" as const) : ("and" as const), test_items: items };
  return { id, text, remediation, scored: options.scored !== false, ...source, tests };
}

/** Options of checks about files. */
export interface FileRule {
  /** Absent: true. */
  readonly scored?: boolean;
  /** A process and its flag that states the path of the file; without the flag, the given path is used. */
  readonly statedBy?: { readonly process: string; readonly flag: string };
  /** True: a missing file passes, as for sockets and files of programs that are not in use. Absent: a missing file fails. */
  readonly mayBeAbsent?: true;
}

/** Prints what `stat` says of a file, nothing where it is not there. */
function statOf(path: string, format: string, rule: FileRule, whenAbsent: string): string {
  const { statedBy, mayBeAbsent } = rule;
  const [given, file] =
    statedBy === undefined
      ? ["", path]
      : [
          `PLACE=$(ps -ef | grep ${statedBy.process} | grep -v grep | grep -- ${statedBy.flag} | sed 's%.*${statedBy.flag}[= ]\\([^ ]*\\).*%\\1%' | head -n 1); if test -z "$PLACE"; then PLACE=${path}; fi; `,
          '"$PLACE"',
        ];
  const otherwise = mayBeAbsent === true ? `else echo ${whenAbsent}; ` : "";
  return `${given}if test -e ${file}; then stat -c ${format} ${file}; ${otherwise}fi`;
}

/** A check that the mode of a file has no permission bits beyond `most`. */
export function mode(id: string, what: string, path: string, most: string, rule: FileRule = {}): OwnCheck {
  return {
    id,
    text: `The mode of ${what} is ${most} or stricter`,
    remediation: `chmod ${most} ${path}`,
    scored: rule.scored !== false,
    audit: statOf(path, "permissions=%a", rule, "permissions=0"),
    tests: { bin_op: "and", test_items: [item("permissions", "bitmask", most)] },
  };
}

/** A check that a file belongs to a user and group. */
export function owner(id: string, what: string, path: string, wanted = "root:root", rule: FileRule = {}): OwnCheck {
  return {
    id,
    text: `${what} belongs to ${wanted}`,
    remediation: `chown ${wanted} ${path}`,
    scored: rule.scored !== false,
    audit: statOf(path, "owner=%U:%G", rule, `owner=${wanted}`),
    tests: { bin_op: "and", test_items: [item("owner", "eq", wanted)] },
  };
}

/** A check that every file found by a `find` command has at most a mode; at least one file must exist. */
export function modes(id: string, what: string, find: string, most: string, scored = true): OwnCheck {
  return {
    id,
    text: `The mode of ${what} is ${most} or stricter`,
    remediation: `Run chmod ${most} on each of them.`,
    scored,
    audit: `${find} 2>/dev/null | xargs --no-run-if-empty stat -c permissions=%a`,
    use_multiple_values: true,
    tests: { bin_op: "and", test_items: [item("permissions", "bitmask", most)] },
  };
}

/** A check that every file found by a `find` command belongs to a user and group; at least one file must exist. */
export function owners(id: string, what: string, find: string, wanted = "root:root", scored = true): OwnCheck {
  return {
    id,
    text: `${what} belong to ${wanted}`,
    remediation: `Run chown ${wanted} on each of them.`,
    scored,
    audit: `${find} 2>/dev/null | xargs --no-run-if-empty stat -c owner=%U:%G`,
    use_multiple_values: true,
    tests: { bin_op: "and", test_items: [item("owner", "eq", wanted)] },
  };
}

/** A check that no object of the cluster matches; `filter` is a jq filter over the list that returns those that do. */
export function noneOf(id: string, text: string, resource: string, filter: string, remediation: string): OwnCheck {
  return {
    id,
    text,
    remediation,
    scored: false,
    audit: `echo "violations=$(kubectl get ${resource} --all-namespaces -o json | jq '[.items[] | select(${filter})] | length')"`,
    tests: { bin_op: "and", test_items: [item("violations", "eq", "0")] },
  };
}
