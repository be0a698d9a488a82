import { AwsError } from '../../protocol/aws-error';
import type { Simulation } from '../../simulation';

/** Operations that document the error, of those answered here (IAM API reference). */
const TEMPORARILY_UNMODIFIABLE = new Set([
  'DeactivateMFADevice',
  'DeleteLoginProfile',
  'EnableMFADevice',
  'UpdateLoginProfile',
]);
const CONCURRENTLY_MODIFIED = new Set([
  'CreateInstanceProfile',
  'CreatePolicy',
  'CreateRole',
  'CreateUser',
  'CreateVirtualMFADevice',
  'DeactivateMFADevice',
  'DeleteRole',
  'DeleteSigningCertificate',
  'DeleteUser',
  'DeleteVirtualMFADevice',
  'EnableMFADevice',
  'TagInstanceProfile',
  'TagMFADevice',
  'TagPolicy',
  'TagRole',
  'TagUser',
  'UntagInstanceProfile',
  'UntagMFADevice',
  'UntagPolicy',
  'UntagRole',
  'UntagUser',
  'UploadSigningCertificate',
]);

/** When each identity was last written, by unique id. */
export class RecentWrites {
  private readonly at = new Map<string, number>();

  /** @param now milliseconds; time that is let pass counts, travel does not */
  constructor(private readonly now: () => number) {}

  note(identityIds: readonly string[]): void {
    for (const id of identityIds) this.at.set(id, this.now());
  }

  /** Throws `EntityTemporarilyUnmodifiable` or `ConcurrentModification` soon after a write, as the switches say. */
  refuseTooSoon(
    { switches }: Simulation,
    action: string,
    { uniqueId, name }: { uniqueId: string; name: string },
  ): void {
    const age = this.now() - (this.at.get(uniqueId) ?? 0);
    if (TEMPORARILY_UNMODIFIABLE.has(action) && age < switches.temporarilyUnmodifiableMs) {
      throw new AwsError(
        'EntityTemporarilyUnmodifiable',
        `Entity ${name} is temporarily unmodifiable. Try again in a while.`,
        409,
      );
    }
    if (CONCURRENTLY_MODIFIED.has(action) && age < switches.concurrentModificationMs) {
      throw new AwsError(
        'ConcurrentModification',
        'The request was rejected because multiple requests to change this object were submitted simultaneously.',
        409,
      );
    }
  }
}
