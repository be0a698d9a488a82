/** Lines that are redrawn in place on a terminal's standard error; elsewhere only what is said for good is printed. */
export class Block {
  #height = 0;
  #stream = process.stderr;
  /** Whether there is anything to redraw on. */
  live = Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb';

  /** Prints a line that stays, above the block. */
  say(/** @type {string} */ text) {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** @param {string[]} lines */
  draw(lines) {
    if (!this.live) return;
    // Some terminals say 0.
    const width = (this.#stream.columns || 80) - 1;
    this.clear();
    this.#stream.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.#height = lines.length;
  }

  clear() {
    if (this.#height > 0) this.#stream.write(`\u001b[${this.#height}A\u001b[0J`);
    this.#height = 0;
  }
}
