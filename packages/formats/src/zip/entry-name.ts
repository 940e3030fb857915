const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The characters of IBM code page 437 from 0x80 on. Names are written in it where the UTF-8 flag is not set (APPNOTE.TXT appendix D). */
const cp437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** The name of an entry. Many writers store UTF-8 without saying so: what decodes as UTF-8 is taken as that. */
export function decodeName(bytes: Uint8Array, declaredUtf8: boolean): string {
  try {
    return utf8.decode(bytes);
  } catch {
    if (declaredUtf8) return new TextDecoder().decode(bytes);
    let name = "";
    for (const byte of bytes) name += byte < 0x80 ? String.fromCharCode(byte) : (cp437[byte - 0x80] ?? "");
    return name;
  }
}
