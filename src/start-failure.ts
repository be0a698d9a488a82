import { DomainError } from './errors';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ECONNRESET',
  '57P03',
]);

/** What kept the process from starting, and what to do about it: no stack for what people can mend. */
export function explainStartFailure(error: unknown): string {
  if (error instanceof DomainError) return [error.message, error.remedy].filter(Boolean).join(' ');
  const { code, message } = detailsOf(error);
  if (code === 'EADDRINUSE') return 'The port is taken. Choose another one with MOTHBALL_PORT or --port.';
  if (code === 'EACCES') return 'This user may not listen on that port. Choose one above 1023 with MOTHBALL_PORT.';
  if (UNREACHABLE.has(code)) {
    return `The database cannot be reached (${message}). Check DATABASE_URL, and that PostgreSQL runs and lets this machine in.`;
  }
  if (code === '28P01' || code === '28000') {
    return `The database refused the login (${message}). Run \`npm start\`, which makes the logins, or check the MOTHBALL_*_DATABASE_URL.`;
  }
  if (code === '3D000') return `The database does not exist (${message}). Create it, or correct DATABASE_URL.`;
  if (code === '42P01' || code === '42883') {
    return `The database has not been migrated (${message}). Run \`npm start\`, which migrates it.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function detailsOf(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return detailsOf(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message };
}
