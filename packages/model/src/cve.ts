const cve = /^CVE-\d{4}-\d{4,}$/;

/** Whether a text is a CVE id in its one spelling (https://www.cve.org: year, then four digits or more). */
export function isCve(id: string): boolean {
  return cve.test(id);
}
