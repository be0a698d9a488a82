/**
 * Control characters, and those that are not seen but change what is: marks of direction, and what is of no width.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** On one line, with nothing in it that is not seen, cut to so many characters. Names are text that others have written. */
export function oneLine(text: string, most: number): string {
  return cut(text.replace(UNSEEN, ' ').replace(/\s+/gu, ' ').trim(), most);
}

/** Cut to so many UTF-16 units, never within a character, and showing that it was cut. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
