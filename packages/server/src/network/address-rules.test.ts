import { describe, expect, test } from "vitest";
import { hostRules, isPublicAddress } from "./address-rules.ts";

describe("a public address", () => {
  test.each(["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "169.253.1.1", "2606:4700::1111", "2a00:1450::1"])(
    "is %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ["loopback", "127.0.0.1"],
    ["loopback, elsewhere in its network", "127.8.8.8"],
    ["loopback of IPv6", "::1"],
    ["this host", "0.0.0.0"],
    ["nowhere", "::"],
    ["private", "10.1.2.3"],
    ["private, the first of its range", "172.16.0.0"],
    ["private, the last of its range", "172.31.255.255"],
    ["private", "192.168.255.255"],
    ["link-local, where clouds keep credentials", "169.254.169.254"],
    ["link-local of IPv6", "fe80::1"],
    ["unique local", "fd00:ec2::254"],
    ["shared by carriers", "100.64.0.1"],
    ["documentation", "203.0.113.9"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["private in the clothes of IPv6", "::ffff:10.0.0.1"],
    ["loopback in the clothes of IPv6", "::ffff:127.0.0.1"],
    ["loopback by 6to4", "2002:7f00:1::"],
    ["private by NAT64", "64:ff9b::a00:1"],
    ["Teredo", "2001::1"],
    ["a name", "registry.example"],
    ["nothing", ""],
  ])("is not one that is %s (%s)", (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("rules for hosts", () => {
  test("without a list allow every host at public addresses", () => {
    const rules = hostRules([]);

    expect(rules.mayAsk("registry.example", 443)).toBe(true);
    expect(rules.mayConnect("registry.example", 443, "8.8.8.8")).toBe(true);
    expect(rules.mayConnect("registry.example", 443, "10.0.0.1")).toBe(false);
  });

  test("with a list allow what it names, wherever that is, and nothing else", () => {
    const rules = hostRules(["registry.example", "*.internal", "10.0.0.5:5000", "[fd00::5]:5000", "fd00::6"]);

    expect(rules.mayConnect("registry.example", 443, "10.0.0.1")).toBe(true);
    expect(rules.mayAsk("a.internal", 80)).toBe(true);
    expect(rules.mayAsk("internal", 80)).toBe(false);
    expect(rules.mayAsk("evil-internal", 80)).toBe(false);
    expect(rules.mayAsk("other.example", 443)).toBe(false);
    expect(rules.mayAsk("registry.example.evil", 443)).toBe(false);
    expect(rules.mayAsk("10.0.0.5", 5000)).toBe(true);
    expect(rules.mayAsk("10.0.0.5", 5001)).toBe(false);
    expect(rules.mayAsk("fd00::5", 5000)).toBe(true);
    expect(rules.mayAsk("fd00::6", 1)).toBe(true);
  });

  test("with a network allow any name that lies in it", () => {
    const rules = hostRules(["10.0.0.0/8"]);

    expect(rules.mayAsk("registry.internal", 443)).toBe(true);
    expect(rules.mayConnect("registry.internal", 443, "10.9.9.9")).toBe(true);
    expect(rules.mayConnect("registry.internal", 443, "8.8.8.8")).toBe(false);
    expect(rules.mayConnect("registry.internal", 443, "11.0.0.1")).toBe(false);
  });

  test.each(["", "10.0.0.0/33", "10.0.0/8", "a/8", "a b", "http://a", "a:port", "fd00::/129"])("refuse %j", (entry) => {
    expect(() => hostRules([entry])).toThrow(TypeError);
  });
});
