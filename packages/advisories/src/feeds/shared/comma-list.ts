/** The parts of a text between commas, without blanks around them and without empty ones. */
export function commaList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
