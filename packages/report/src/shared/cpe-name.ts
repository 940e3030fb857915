const name = /^cpe:(?:2\.3:[aho*-](?::[!-9;-~]{0,200}){10}|\/[aho]?(?::[!-9;-~]{0,200}){0,6})$/i;

/** Whether a text is a CPE 2.3 formatted string or a 2.2 URI, without the fine print of NISTIR 7695. */
export function isCpe(text: string): boolean {
  return text.length <= 2000 && name.test(text);
}
