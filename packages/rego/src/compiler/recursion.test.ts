import { describe, expect, test } from "vitest";
import { compileModules } from "../policies.ts";
import { RegoError } from "../syntax/errors.ts";

/** What the compiler says about a module of package p, without the head of each message. */
function messages(body: string): string[] {
  try {
    compileModules([{ path: "p.rego", text: `package p\n${body}\n` }]);
    return [];
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return error.errors.map(({ code, message }) => {
      expect(code).toBe("rego_recursion_error");
      return message;
    });
  }
}

describe("a reference into data with a variable", () => {
  test.each([
    ["a list", 'r if {\n some n in ["q", "s"]\n data[n].r\n}'],
    ["the members of an object", 'r if {\n some _, n in {"a": "q"}\n data[n].r\n}'],
    ["a set", 'r if {\n some n in {"q"}\n data[n].r\n}'],
    ["an assignment", 'r if {\n n := "q"\n data[n].r\n}'],
    ["a list in a variable", 'r if {\n ns := ["q", "s"]\n some n in ns\n data[n].r\n}'],
    ["a member of a constant", 'r if {\n m := {"a": ["q"]}\n n := m.a[0]\n data[n].r\n}'],
    ["a body, for the head", 'r := data[n].r if n := "q"'],
    ["an else branch", 'r if {\n false\n} else := data[n].r if n := "q"'],
    ["a number", "r := data[2]"],
    ["a head with another constant", 'r[k].a := 1 if {\n k := "x"\n data.p.r.x.b\n}'],
  ])("is not recursive where the variable ranges over %s without the own package", (_, body) => {
    expect(messages(body)).toEqual([]);
  });

  test.each([
    ['r if {\n n := "p"\n data[n].r\n}'],
    ["r if data[_].r"],
    ["r if data[n].r"],
    ["r if data"],
    ["r if data.p"],
    ['r if {\n data[n].r\n n = "q"\n}'],
  ])("is recursive where it means the rule whatever the variable is: %s", (body) => {
    expect(messages(body)).toEqual(["rule data.p.r is recursive: data.p.r -> data.p.r"]);
  });

  const way = "rule data.p.r may be recursive: data.p.r -> data.p.r";

  test.each([
    [
      'r if {\n some n in ["p", "q"]\n data[n].r\n}',
      'data[n].r refers to data.p.r if n is "p" (n is one of ["p", "q"])',
    ],
    ['r if {\n some n in ["p", "q", "a", "b", "c", "d"]\n data[n].r\n}', 'data[n].r refers to data.p.r if n is "p" (n is one of 6 values)'], // prettier-ignore
    ['r if {\n some n in ["q", input.x]\n data[n].r\n}', 'data[n].r refers to data.p.r if n is "p"'],
    [
      "r if {\n n := lower(input.n)\n data[n].r\n}",
      'data[n].r refers to data.p.r if n is "p" (n is computed by lower)',
    ],
    ["r if {\n n := count(input.n)\n data[n].r\n}", "data[n].r could refer to data.p.r"],
    ["r if data[input.n].r", 'data[input.n].r refers to data.p.r if input.n is "p"'],
    ["r if {\n n := input.a\n data[n].r\n}", 'data[n].r refers to data.p.r if n is "p" (n comes from input.a)'],
    ["r if {\n n := input\n data[n].r\n}", 'data[n].r refers to data.p.r if n is "p" (n comes from input)'],
    ['r if {\n ns := ["q"]\n n := ns[5]\n data[n].r\n}', 'data[n].r refers to data.p.r if n is "p"'],
    ["r if {\n x := input.x\n data[x][x]\n}", "data[x][x] could refer to data.p.r"],
    ["r if {\n x := input.x\n y := input.y\n data[x][y]\n}", 'data[x][y] refers to data.p.r if x is "p" (x comes from input.x) and y is "r" (y comes from input.y)'], // prettier-ignore
    [`r if {\n some n in [${Array.from({ length: 65 }, (_, index) => `"q${index}"`).join(", ")}]\n data[n].r\n}`, "data[n].r could refer to data.p.r"], // prettier-ignore
  ])("may be recursive, and the message says when: %s", (body, cause) => {
    expect(messages(body)).toEqual([`${way} (${cause})`]);
  });

  test("names where on the way it stands, and prefers a way that is certain", () => {
    expect(messages("r if s\ns if {\n x := input.x\n data[x].r\n}")[0]).toBe(
      'rule data.p.r may be recursive: data.p.r -> data.p.s -> data.p.r (data[x].r in data.p.s refers to data.p.r if x is "p" (x comes from input.x))',
    );
    expect(messages("r if {\n x := input.x\n data[x].r\n s\n}\ns if r")[0]).toBe(
      "rule data.p.r is recursive: data.p.r -> data.p.s -> data.p.r",
    );
  });

  test("tells arguments, keys and values of rules apart", () => {
    expect(messages('f(x) := data[x].g\ng := f("q")')[0]).toContain("(x is an argument of data.p.f)");
    expect(messages("q[x] := 1 if {\n data.p[x]\n x = input.y\n}")[0]).toContain("(x is a key of data.p.q[x])");
    expect(messages('ns := ["q"]\nr if {\n some n in ns\n data[n].r\n}')[0]).toContain(
      "(n comes from rule data.p.ns, whose value isn't known at compile time)",
    );
    expect(messages('n := "q"\nr if data[n].r')[0]).toContain("(rule values aren't known at compile time)");
  });
});
