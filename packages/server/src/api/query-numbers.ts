import { HttpError } from "../http/http-error.ts";

/** The integer query parameter `name`, from 1 to `most`; `absent` where the query lacks it. @throws HttpError 400 for anything else */
export function wholeNumber(query: URLSearchParams, name: string, absent: number, most: number): number {
  const text = query.get(name);
  if (text === null) return absent;
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < 1 || value > most)
    throw new HttpError(400, `"${name}" is a whole number from 1 to ${most}`);
  return value;
}
