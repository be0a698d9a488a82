import { DomainError } from '../../errors';

/** Somebody has stopped clean-up: nothing was sent, and nothing is until they let it go on. */
export class CleanupPaused extends DomainError {
  constructor(readonly scope: 'tenant' | 'platform') {
    super(
      'CLEANUP_PAUSED',
      scope === 'platform'
        ? 'Clean-up is paused by the platform, for everyone: nothing more was sent to AWS.'
        : 'Clean-up is paused: nothing more was sent to AWS.',
      {
        retryable: true,
        remedy:
          scope === 'platform'
            ? 'It goes on by itself when the platform’s people let it.'
            : 'Look why it was paused, and let it go on with resumeCleanup. Restores work meanwhile.',
      },
    );
  }
}

/** Nobody can tell at the moment whether clean-up is paused, so it counts as paused. */
export class PausesUnknown extends DomainError {
  constructor() {
    super(
      'PAUSES_UNKNOWN',
      'Whether clean-up is paused could not be read from the database within two seconds, so nothing more was sent to AWS. It is tried again.',
      { retryable: true },
    );
  }
}
