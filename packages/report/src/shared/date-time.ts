const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** The text as an RFC 3339 date-time; a date alone becomes its midnight UTC. Undefined when it is neither: feeds hold anything. */
export function dateTimeOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 40) return undefined;
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  return dateTime.test(full) && !Number.isNaN(Date.parse(full)) ? full.toUpperCase() : undefined;
}
