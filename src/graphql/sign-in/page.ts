import { createHash } from 'node:crypto';
import type { Response } from 'express';

/** HTML that was put together here; everything else is text, and escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | null | readonly Markup[];

/** Builds HTML; whatever is not `Markup` already is escaped. Not called `html`: formatters would change what is in it. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(
    strings.map((string, index) => (index === 0 ? '' : written(pieces[index - 1] ?? null)) + string).join(''),
  );
}

function written(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece !== 'string') return piece.map(({ text }) => text).join('');
  return piece.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --paper: #fff; --ground: #f3f5f8; --strong: #1f5f8b; --on-strong: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a2adbb; --line: #333d4a; --paper: #1d242d; --ground: #12171d; --strong: #6cb4e4; --on-strong: #0d1620; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; box-shadow: 0 1px 3px rgb(0 0 0 / 8%); }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -.01em; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0 0; }
.soft { color: var(--soft); }
.who { display: flex; justify-content: space-between; align-items: center; gap: 1rem; margin-top: 1.5rem; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 8px; }
.who strong { display: block; }
ul { margin: .5rem 0 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
form { margin: 0; }
.button { display: block; width: 100%; margin-top: 1.25rem; padding: .65rem 1rem; border: 1px solid var(--strong); border-radius: 8px; background: var(--strong); color: var(--on-strong); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.button + .button { margin-top: .75rem; }
.quiet { width: auto; margin: 0; padding: .35rem .8rem; border-color: var(--line); background: none; color: inherit; font-weight: 400; }
.button:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
.problem { margin-top: 1.25rem; padding: .8rem 1rem; border-left: 4px solid #c0392b; background: rgb(192 57 43 / 10%); border-radius: 4px; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sends a page that loads nothing, runs nothing, and is kept by nobody. */
export function sendPage(response: Response, status: number, body: Markup): void {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mothball</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  response
    .status(status)
    .set('content-security-policy', POLICY)
    .set('cache-control', 'no-store')
    // With `no-referrer` the page's own forms would be sent with the origin "null".
    .set('referrer-policy', 'same-origin')
    .set('x-content-type-options', 'nosniff')
    .type('html')
    .send(page.text);
}
