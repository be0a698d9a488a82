import { Failure } from '../lib/failure.mjs';
import { exitOf, startChild } from '../lib/supervisor.mjs';

/** Longer than an orderly end takes; what is thrown away needs no longer one. */
const drainMs = 4_000;
const keptLines = 200;

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {import('node:child_process').ChildProcess} child
 * @property {string[]} lines the newest of what it printed
 * @property {Promise<number>} exited
 */

/** The demo's processes. None outlives this process, and when one ends by itself, `ended` says so. */
export class Crew {
  /** @type {Member[]} */
  #members = [];
  #stopping = false;
  #toldEnd = false;
  #tellEnd = (/** @type {string} */ _reason) => {};
  /** @type {Promise<string>} resolves with a sentence when a process has ended that nobody asked to */
  ended = new Promise((resolve) => (this.#tellEnd = resolve));

  /**
   * Starts a program and waits until it is ready.
   * @template T
   * @param {string} name for people
   * @param {string} program
   * @param {object} options
   * @param {string[]} [options.args]
   * @param {NodeJS.ProcessEnv} options.env
   * @param {boolean} [options.leashed]
   * @param {(heard: { message?: any, line?: string }) => T | undefined} options.ready what it says when it is ready
   * @returns {Promise<T>}
   * @throws {Failure} with what it printed, when it ends instead
   */
  async start(name, program, { args, env, leashed = false, ready }) {
    // A signal may have come while something else was being waited for.
    if (this.#stopping) throw new Failure(`The ${name} was not started: the demo is ending.`);
    const child = startChild(program, { args, env, leashed, output: 'pipe' });
    /** @type {Member} */
    const member = { name, child, lines: [], exited: exitOf(child) };
    this.#members.push(member);
    const isReady = new Promise((resolve) => {
      const hear = (/** @type {{ message?: any, line?: string }} */ heard) => {
        const said = ready(heard);
        if (said !== undefined) resolve(said);
      };
      child.on('message', (message) => hear({ message }));
      for (const stream of [child.stdout, child.stderr]) {
        onLines(stream, (line) => {
          member.lines.push(line);
          if (member.lines.length > keptLines) member.lines.shift();
          hear({ line });
        });
      }
    });
    const gone = this.#watch(member);
    return Promise.race([isReady, gone]);
  }

  /**
   * Tells a running program something, and waits for what it answers.
   * @template T
   * @param {string} name
   * @param {object} message
   * @param {(heard: { message: any }) => T | undefined} answered
   * @returns {Promise<T>}
   */
  async tell(name, message, answered) {
    const member = this.#members.find((one) => one.name === name);
    if (!member) throw new Failure(`There is no ${name} to tell anything.`);
    const { child, exited } = member;
    let hear = (/** @type {any} */ _message) => {};
    const answer = new Promise((resolve) => {
      hear = (heard) => {
        const said = answered({ message: heard });
        if (said !== undefined) resolve(said);
      };
      child.on('message', hear);
    });
    try {
      child.send(message);
      return await Promise.race([
        answer,
        exited.then((code) => Promise.reject(new Failure(`The ${name} ended with status ${code}.`))),
      ]);
    } finally {
      child.off('message', hear);
    }
  }

  /** What the service printed last, for whoever looks for a reason; nothing when an end has told it already. */
  lastWords() {
    if (this.#toldEnd) return '';
    return this.#members
      .filter(({ name }) => name !== 'AWS simulator')
      .flatMap(({ name, lines }) => lines.slice(-5).map((line) => `${name}: ${line}`))
      .join('\n');
  }

  /** Asks all to end, the last started first, since these use the earlier ones; kills those that do not. */
  async stop() {
    this.#stopping = true;
    for (const names of [this.#members.slice(1), this.#members.slice(0, 1)]) {
      const running = names.filter(({ child }) => child.exitCode === null && child.signalCode === null);
      for (const { child } of running) child.kill('SIGTERM');
      const late = setTimeout(() => running.forEach(({ child }) => child.kill('SIGKILL')), drainMs);
      await Promise.allSettled(running.map(({ exited }) => exited));
      clearTimeout(late);
    }
  }

  kill() {
    for (const { child } of this.#members) child.kill('SIGKILL');
  }

  /** @param {Member} member */
  async #watch({ name, child, lines, exited }) {
    const closed = new Promise((resolve) => child.once('close', resolve));
    const code = await exited;
    await closed;
    const said = lines.slice(-20).join('\n');
    const reason = `${said ? `${said}\n` : ''}The ${name} ended with status ${code}.`;
    if (!this.#stopping) {
      this.#toldEnd = true;
      this.#tellEnd(reason);
    }
    throw new Failure(reason);
  }
}

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} listener
 */
function onLines(stream, listener) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(listener);
  });
  stream.on('end', () => rest && listener(rest));
}
