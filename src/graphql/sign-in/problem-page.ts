import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '../../errors';
import { maskError } from '../core/mask-error';
import { markup, sendPage } from './page';

const logger = new Logger('SignIn');

const STATUS: Readonly<Record<string, number>> = {
  BAD_INPUT: 400,
  UNAUTHENTICATED: 401,
  CSRF_REFUSED: 403,
  INVITATION_REFUSED: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

/** Runs what answers a browser; what goes wrong becomes a page for people. */
export async function showProblem(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Logs what is our own fault, and finds words for it.
    const { message } = maskError(error);
    const domain = error instanceof DomainError ? error : null;
    if (domain) logger.log({ event: 'sign-in.refused', code: domain.code, reason: domain.message });
    if (domain?.retryAfterSeconds !== undefined) response.set('retry-after', `${domain.retryAfterSeconds}`);
    sendPage(
      response,
      (domain && STATUS[domain.code]) ?? 500,
      markup`<h1>Mothball</h1>
        <p class="problem" role="alert">${message}</p>
        <a class="button" href="/">Go to the home page</a>`,
    );
  }
}
