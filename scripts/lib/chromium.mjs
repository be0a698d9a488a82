import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * The machine's own Chromium, for the tests in a browser: nothing is downloaded for them.
 * @returns {string | null} its path
 */
export function findChromium(path = process.env.PATH ?? '') {
  const places = path.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => places.map((folder) => join(folder, name))).find(isProgram) ?? null;
}

function isProgram(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
