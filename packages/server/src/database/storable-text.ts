import { PostgresQueryCompiler } from "kysely";

/** U+0000, which PostgreSQL takes in no text, and halves of surrogate pairs, which its JSON takes in none. */
const unstorable = /[\0\p{Surrogate}]/gu;

/** A text as PostgreSQL can hold it: what it cannot hold becomes U+FFFD. Names in images and in requests are anybody's. */
export function storableText(text: string): string {
  return text.replace(unstorable, "\u{fffd}");
}

/** A parameter of a statement whose texts, also those in a list, are {@link storableText}. */
export function storableValue(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  return Array.isArray(value) ? value.map(storableValue) : value;
}

/** Makes every text that a statement is given one that PostgreSQL takes. */
export class StorableQueryCompiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    super.appendValue(storableValue(parameter));
  }
}
