import { createHash } from 'node:crypto';
import { people } from './people.mjs';

const style = `
:root { color-scheme: light dark; --line: #8884; --strong: #7a4b14; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; border: 1px solid var(--line); border-radius: 12px; padding: 2rem; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
p { margin: 0 0 1.25rem; opacity: .75; }
button { display: block; width: 100%; margin: .5rem 0 0; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--strong); outline: none; }
button small { display: block; opacity: .7; }
label { display: block; margin-top: 1.5rem; }
input { width: 100%; margin-top: .25rem; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px; background: none; color: inherit; font: inherit; box-sizing: border-box; }
`;

/** Chromium holds a form's redirections to this, too, so it cannot be said where the form goes. */
export const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Where one chooses who to be.
 * @param {string} uid the interaction's
 */
export const loginPage = (uid) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who are you?</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Who are you?</h1>
<p>An issuer to try things with: no password, and nobody is real.</p>
<form method="post" action="/interaction/${encodeURIComponent(uid)}">
${people.map(({ id, name, what }) => `<button name="person" value="${id}">${name}<small>${what}</small></button>`).join('\n')}
</form>
<form method="post" action="/interaction/${encodeURIComponent(uid)}">
<label>Somebody else<input name="person" required pattern="[a-z0-9._-]{1,60}" placeholder="a name in small letters" autocomplete="off"></label>
<button>Sign in</button>
</form>
</main>
</body>
</html>
`;
