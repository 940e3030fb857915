import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe("authentication challenges", () => {
  test.each([
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          { realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull,push" },
        ],
      ],
    ],
    ['Basic realm="a \\"quoted\\" name"', [["basic", { realm: 'a "quoted" name' }]]],
    [
      'Basic realm=plain, Bearer realm = "x" , service=y',
      [
        ["basic", { realm: "plain" }],
        ["bearer", { realm: "x", service: "y" }],
      ],
    ],
    ["Negotiate", [["negotiate", {}]]],
    ["", []],
    [",,=", []],
  ])("%s", (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test("any header is read to its end", () => {
    fc.assert(fc.property(fc.string(), (header) => void parseChallenges(header)));
  });
});
