import { expect, test } from "vitest";
import { compileModules } from "../policies.ts";

function sprintf(format: string, value: string): unknown {
  return compileModules([]).query(`sprintf("${format}", [${value}])`)[0]?.expressions[0];
}

// What Go prints for the same numbers.
test.each([
  ["%x", "1e3", "0x1.f4p+09"],
  ["%X", "-2.25", "-0X1.2P+01"],
  ["%x", "0.1", "0x1.999999999999ap-04"],
  ["%x", "5e-324", "0x1p-1074"],
  ["%x", "1e300", "0x1.7e43c8800759cp+996"],
  ["%.3x", "0.999", "0x1.ff8p-01"],
  ["%.0x", "0.999", "0x1p+00"],
  ["%.0x", "3.75", "0x1p+02"],
  ["%.20x", "3.75", "0x1.e0000000000000000000p+01"],
  ["%20x", "255.5", "          0x1.ffp+07"],
  ["%020x", "-2.25", "-00000000000x1.2p+01"],
  ["%#x", "3.75", "0x1.e000p+01"],
  ["%#.0x", "3.75", "0x1.p+02"],
  ["%#X", "3.75", "0X1.EP+01"],
  ["%#X", "-2.0", "-0X1.P+01"],
  ["%+x", "3.75", "+0x1.ep+01"],
  ["%b", "3.75", "8444249301319680p-51"],
  ["%b", "1e300", "6724873095247260p+944"],
])("sprintf writes %s of %s as Go does", (format, value, expected) => {
  expect(sprintf(format, value)).toBe(expected);
});

test.each([
  // Of what writes itself, only %v heeds a flag.
  ["%+20f", "9223372036854775808", "%!f(big.Int=9223372036854775808)"],
  ["%-30.3U", "-9223372036854775809", "%!U(big.Int=-9223372036854775809)"],
  ["%+v", "9223372036854775808", "+9223372036854775808"],
  ["%+v", "7", "7"],
  ["%#U", "233", "U+00E9 'é'"],
  ["%#U", "1", "U+0001"],
  ["%#.6U", "173", "U+0000AD"],
])("and %s of the integer %s", (format, value, expected) => {
  expect(sprintf(format, value)).toBe(expected);
});
