import { expect, test } from "vitest";
import { settleSealed, withSeal } from "./sealed-libraries.ts";

const marks = [/^seal-/, /\+sp\d+$/] as const;

test("a name of the vendor's own is asked of nobody else", () => {
  const renamed = { namespace: "PyPI", name: "seal-requests", version: "2.14.2+sp1" };
  expect(withSeal([renamed], ...marks)).toEqual([{ ...renamed, namespace: "Seal:PyPI", selective: true }]);
});

test("a version with the vendor's mark is asked of the vendor and of the publisher", () => {
  const marked = { namespace: "PyPI", name: "django", version: "4.2.8+sp1" };
  expect(withSeal([marked], ...marks)).toEqual([{ ...marked, namespace: "Seal:PyPI", selective: true }, marked]);
});

test("other packages keep their keys", () => {
  const plain = { namespace: "PyPI", name: "requests", version: "2.14.2" };
  expect(withSeal([plain], ...marks)).toEqual([plain]);
});

test("of one vulnerability the vendor's statement stands", () => {
  const entry = (namespace: string, advisory: string) => ({ namespace, advisory, name: "django", ranges: [] });
  const entries = [entry("PyPI", "CVE-2023-0001"), entry("PyPI", "CVE-2023-0002"), entry("Seal:PyPI", "CVE-2023-0001")];
  const pkg = { id: "1", ecosystem: "pypi", purl: "", name: "django", version: "4.2.8+sp1", locations: [] };
  expect(settleSealed(pkg, entries)).toEqual([entries[1], entries[2]]);
});
