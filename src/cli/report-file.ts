import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { badInput } from '../errors';

/** A file to write a report to: looked at before the account is read, so that a wrong path costs no minute. */
export class ReportFile {
  private constructor(readonly path: string) {}

  /** @throws DomainError `BAD_INPUT` when it could not be written. Changes nothing. */
  static async at(path: string): Promise<ReportFile> {
    try {
      const there = await stat(path).catch(() => null);
      if (path === '' || there?.isDirectory()) throw new Error('it is a folder');
      await access(there ? path : dirname(resolve(path)), constants.W_OK);
    } catch (error) {
      throw cannotWrite(path, error);
    }
    return new ReportFile(path);
  }

  /** Readable by its owner only where it is new: it lists ways into the account. @throws DomainError `BAD_INPUT`. */
  async write(text: string): Promise<void> {
    try {
      await writeFile(this.path, text, { mode: 0o600 });
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}

const cannotWrite = (path: string, error: unknown): Error =>
  badInput(
    `--output: "${path}" cannot be written (${error instanceof Error ? error.message : String(error)}). Name a file in a folder that exists and that you may write to.`,
  );
