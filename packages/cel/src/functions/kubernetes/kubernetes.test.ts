import { describe, expect, test } from "vitest";
import { compile } from "../../compile.ts";
import { authorizer, type AuthorizationQuery } from "./authorizer.ts";
import { kubernetesFunctions } from "./index.ts";

function evaluate(source: string, activation: Readonly<Record<string, unknown>> = {}): unknown {
  return compile(source, { functions: kubernetesFunctions }).evaluate(activation);
}

describe("quantities", () => {
  test.each([
    ["quantity('1.5Gi').isGreaterThan(quantity('1500Mi'))", true],
    ["quantity('500m').add(quantity('1')) == quantity('1.5')", true],
    ["quantity('50k').sub(20000).asInteger()", 30_000n],
    ["quantity('50Mi').isInteger()", true],
    ["quantity('100m').isInteger()", false],
    ["quantity('1500m').asApproximateFloat()", 1.5],
    ["quantity('-1').sign()", -1n],
    ["quantity('1Ki').compareTo(quantity('1024'))", 0n],
    ["isQuantity('1.3Gi')", true],
    ["isQuantity('1.3GiB')", false],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });

  test("a quantity is compared with quantities alone", () => {
    expect(() => evaluate("quantity('1') == 1")).toThrow("found no matching overload for '_==_'");
    expect(evaluate("quantity('1') == dyn(1)")).toBe(false);
  });

  test("a fraction is no integer", () => {
    expect(() => evaluate("quantity('100m').asInteger()")).toThrow("cannot convert value to integer");
  });
});

describe("addresses", () => {
  test.each([
    ["isIP('127.0.0.1')", true],
    ["isIP('127.0.0.01')", false],
    ["isIP('::ffff:1.2.3.4')", false],
    ["isIP('fe80::1%eth0')", false],
    ["ip('::1').family()", 6n],
    ["ip('127.0.0.1').isLoopback() && ip('::1').isLoopback()", true],
    ["ip('0.0.0.0').isUnspecified()", true],
    ["ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()", true],
    ["ip('169.254.169.254').isLinkLocalUnicast()", true],
    ["ip('192.168.0.1').isGlobalUnicast()", true],
    ["ip('255.255.255.255').isGlobalUnicast()", false],
    ["ip.isCanonical('2001:db8::abcd')", true],
    ["ip.isCanonical('2001:DB8::ABCD')", false],
    ["ip('2001:db8:0:0::1') == ip('2001:db8::1')", true],
    ["string(ip('2001:0db8:0000:0000:0001:0000:0000:0001'))", "2001:db8::1:0:0:1"],
    ["cidr('192.168.0.0/24').containsIP('192.168.0.77')", true],
    ["cidr('192.168.0.0/24').containsIP(ip('192.168.1.77'))", false],
    ["cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", true],
    ["cidr('192.168.10.0/24').containsCIDR(cidr('192.168.0.0/16'))", false],
    ["cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", true],
    ["cidr('10.1.2.3/8').ip() == ip('10.1.2.3')", true],
    ["cidr('::/0').prefixLength()", 0n],
    ["isCIDR('10.0.0.0/33')", false],
    ["type(ip('::1')) == net.IP", true],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });
});

describe("URLs", () => {
  test.each([
    ["url('https://user@example.com:8080/a b?k=1&k=2&n=x%20y').getHost()", "example.com:8080"],
    ["url('https://example.com:8080/').getHostname()", "example.com"],
    ["url('https://[::1]:80/').getHostname()", "::1"],
    ["url('https://example.com:8080/').getPort()", "8080"],
    ["url('/path/to').getScheme()", ""],
    ["url('https://example.com/a b').getEscapedPath()", "/a%20b"],
    ["url('https://example.com/?k=1&k=2&n=x%20y').getQuery()['k'][1]", "2"],
    ["url('//example.com/a').getHost()", "example.com"],
    ["url('//example.com/a').getEscapedPath()", "/a"],
    ["isURL('../relative')", false],
    ["isURL('https://a:b:c/')", false],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });
});

describe("semantic versions", () => {
  test.each([
    ["semver('1.2.3').isLessThan(semver('1.10.0'))", true],
    ["semver('1.2.3-rc.1').compareTo(semver('1.2.3'))", -1n],
    ["semver('v1.01', true).minor()", 1n],
    ["isSemver('v1.2.3')", false],
    ["isSemver('1.2.3 ')", false],
    ["isSemver('v1.2', true)", true],
    ["isSemver('v1.2-alpha', true)", false],
    ["semver('4.5.6').major() + semver('4.5.6').patch()", 10n],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });
});

describe("patterns", () => {
  test.each([
    ["'abc 123'.find('[0-9]+')", "123"],
    ["'abc'.find('[0-9]+')", ""],
    ["'1 22 333'.findAll('[0-9]+').join('|')", "1|22|333"],
    ["'1 22 333'.findAll('[0-9]+', 2).join('|')", "1|22"],
    ["'ab'.findAll('x*').size()", 3n],
    ["'abc'.findAll('b*').join('|')", "|b|"],
    ["'a\u{1F600}b'.findAll('x*').size()", 4n],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });
});

describe("formats", () => {
  test.each([
    ["!format.dns1123Label().validate('my-label').hasValue()", true],
    ["format.dns1123Label().validate('My_Label').value()[0].contains('RFC 1123 label')", true],
    ["format.named('dns1123Subdomain').value().validate('a.b.c').hasValue()", false],
    ["format.named('nope').hasValue()", false],
    ["format.qualifiedName().validate('example.com/app').hasValue()", false],
    ["format.qualifiedName().validate('a/b/c').hasValue()", true],
    ["format.date().validate('2023-02-30').hasValue()", true],
    ["format.uuid().validate('f81d4fae-7dec-11d0-a765-00a0c91e6bf6').hasValue()", false],
    ["format.labelValue().validate('').hasValue()", false],
    ["format.dns1123LabelPrefix().validate('abc-').hasValue()", false],
    ["format.dns1123LabelPrefix().validate('-').hasValue()", true],
    ["format.dns1123LabelPrefix().validate('--').hasValue()", false],
    ["format.dns1123LabelPrefix().validate('a_-').hasValue()", false],
    ["format.dns1123LabelPrefix().validate('aé-').hasValue()", true],
    ["format.dns1123LabelPrefix().validate('a😀-').hasValue()", true],
    [`format.dns1123LabelPrefix().validate('${"a".repeat(63)}-').hasValue()`, false],
    [`format.dns1123LabelPrefix().validate('${"a".repeat(64)}-').hasValue()`, true],
  ])("%s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });
});

describe("the authorizer", () => {
  const asked: AuthorizationQuery[] = [];
  const activation = {
    authorizer: authorizer((query) => {
      asked.push(query);
      return query.verb === "get" ? { allowed: true, reason: "may read" } : { allowed: false, error: "no such verb" };
    }),
  };

  test("is asked about resources and paths", () => {
    const source =
      "authorizer.group('apps').resource('deployments').namespace('web').name('shop').check('get').allowed()" +
      " && authorizer.path('/healthz').check('get').reason() == 'may read'" +
      " && authorizer.serviceAccount('web', 'ci').group('').resource('pods').check('list').errored()";

    expect(evaluate(source, activation)).toBe(true);
    expect(asked).toEqual([
      { group: "apps", resource: "deployments", namespace: "web", name: "shop", verb: "get" },
      { path: "/healthz", verb: "get" },
      { serviceAccount: { namespace: "web", name: "ci" }, group: "", resource: "pods", verb: "list" },
    ]);
  });

  test("no JSON document can claim to be one", () => {
    const fake = { authorizer: { celType: "kubernetes.authorization.Authorizer" } };

    expect(() => evaluate("authorizer.path('/x').check('get').allowed()", fake)).toThrow("no such overload");
  });
});

test("a key is escaped for a JSON pointer", () => {
  expect(evaluate("jsonpatch.escapeKey('k8s.io/my~label')")).toBe("k8s.io~1my~0label");
});

describe("format, as the version of the strings extension that Kubernetes has", () => {
  test.each([
    [`'%s'.format([['a', 1, 1.5, null, true, 2u, b'x']])`, '["a", 1, 1.500000, null, true, 2, b"x"]'],
    [`'%s'.format([{'b': [2], 'a': 'x"'}])`, String.raw`{"a":"x\"", "b":[2]}`],
    [`'%s'.format([[timestamp(0), duration('1.5s')]])`, '[timestamp("1970-01-01T00:00:00Z"), duration("1.5s")]'],
    [`'%s'.format([[double('Infinity')]])`, '["+Inf"]'],
    [`'%s %s'.format(['a', 1000000.0])`, "a 1e+06"],
    [`'%.2f'.format([1234567.891])`, "1,234,567.89"],
    [`'%.0f'.format([-1234.5])`, "-1,234"],
    [`'%f'.format(['-Infinity'])`, "-∞"],
    [`'%e'.format([0.1])`, "1.000000×10⁻⁰¹"],
    [`'%.20e'.format([1.5])`, "       1.500000×10⁰⁰"],
    [`'%d %x %b'.format([1u, -255, true])`, "1 -ff 1"],
  ])("%s is %s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });

  test.each([
    ["'%d'.format([1.5])", "decimal clause can only be used on integers, was given double"],
    ["'%f'.format([1])", "fixed-point clause can only be used on doubles, was given int"],
    ["'%e'.format([dyn(1)])", "scientific clause can only be used on doubles, was given int"],
    ["'%s'.format([b'\\xff'])", "invalid UTF-8 in bytes"],
  ])("%s is refused", (source, message) => {
    expect(() => evaluate(source)).toThrow(message);
  });
});

describe("answers of Kubernetes 1.36 at the edges", () => {
  test.each([
    ["url('//h:8/x').getPort()", "8"],
    ["url('///x').getEscapedPath()", "///x"],
    ["url('https://h/a#c?d=1').getEscapedPath()", "/a"],
    ["url('https://h/a?b=c#f').getQuery()['b'][0]", "c"],
    ["isURL('http://h#f')", false],
    ["isURL('*')", true],
    ["format.byte().validate('').hasValue()", true],
    ["format.uri().validate('x').value()[0]", 'parse "x": invalid URI for request'],
    ["format.qualifiedName().validate('/b').value()[0]", "prefix part must be non-empty"],
    ["format.qualifiedName().validate('').value().size()", 2n],
    [
      "format.dns1035Label().validate('-A').value()[0]",
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
    ["string(1e20)", "1e+20"],
    ["[{'a': 2, 'b': 'x'}, {'a': 1, 'b': 'y'}].sortBy(e, e.a).map(e, e.b).join()", "yx"],
    ["['bb', 'a', 'ccc'].sortBy(w, -size(w)).sortBy(w, w)[2]", "ccc"],
    ["[].sortBy(e, e).size()", 0n],
    ["string(123456789.125)", "1.23456789125e+08"],
    ["string(100000.0)", "100000"],
    ["timestamp('2024-02-29T01:02:03Z').getHours('+5:30')", 6n],
    ["timestamp('2024-02-29T01:02:03Z').getHours('Local')", 1n],
  ])("%s is %s", (source, wanted) => {
    expect(evaluate(source)).toBe(wanted);
  });

  test("keys that cannot be ordered, and what is no list, are not sorted by", () => {
    expect(() => evaluate("[1, 2].sortBy(e, [e])")).toThrow();
    expect(() => evaluate("[1, 2].sortBy(e.x, e)")).toThrow("argument must be a simple name");
    expect(() => evaluate("lists.range(-1)")).toThrow("size must be non-negative");
  });

  test("a negative double is no uint", () => {
    expect(() => evaluate("uint(-0.5)")).toThrow("overflow");
  });
});
