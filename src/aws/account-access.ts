import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient, type IAMClientConfig, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SNSClient } from '@aws-sdk/client-sns';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { CallCounter } from './calls';
import { translateAwsError } from './errors';
import { type Attempt, attemptPlugin, jobPlugin, type Job } from './middleware';
import { homeRegion, type Partition } from './partitions';

export interface AccountIdentity {
  readonly partition: Partition;
  readonly accountId: string;
  /** Null: ambient credentials. */
  readonly roleArn: string | null;
}

/**
 * The configuration that all clients of the service share: handler, endpoint, profile, retries. `credentials` are the
 * job's own, or absent for the SDK's default chain.
 */
export type SharedClientConfig = Pick<
  IAMClientConfig,
  'requestHandler' | 'endpoint' | 'profile' | 'retryMode' | 'maxAttempts'
>;

export interface ServiceEndpoints {
  readonly iam?: string | undefined;
  readonly organizations?: string | undefined;
  readonly sts?: string | undefined;
  readonly sns?: string | undefined;
  readonly cloudtrail?: string | undefined;
}

/** One account as one job may use it: a client for each service, one pacing, one count of calls. */
export class AccountAccess implements AccountIdentity {
  readonly partition: Partition;
  readonly accountId: string;
  readonly roleArn: string | null;
  readonly iam: IAMClient;
  private writingClient: IAMClient | undefined;
  private organizationsClient: OrganizationsClient | undefined;
  private readonly snsClients = new Map<string, SNSClient>();
  private readonly cloudTrailClients = new Map<string, CloudTrailClient>();

  constructor(
    identity: AccountIdentity,
    private readonly job: Job,
    private readonly shared: SharedClientConfig,
    private readonly endpoints: ServiceEndpoints,
    private readonly credentials: (() => Promise<AwsCredentialIdentity>) | undefined,
  ) {
    this.partition = identity.partition;
    this.accountId = identity.accountId;
    this.roleArn = identity.roleArn;
    this.iam = new IAMClient(this.config(endpoints.iam));
    this.iam.middlewareStack.use(jobPlugin('iam', job));
  }

  get calls(): CallCounter {
    return this.job.calls;
  }

  /** How long to wait, in milliseconds, before looking for what AWS has been asked to prepare. */
  get firstLookMs(): number {
    return this.job.firstLookMs;
  }

  /**
   * Sends a request to IAM that changes something. The SDK never repeats it: names are used again, so whoever repeats it
   * looks first who bears the name by now. @throws what `attempt.ready` throws; the SDK's errors; `LeaseLost`.
   */
  async sendOnce<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Parameters<typeof IAMClient.prototype.send<Input, Output>>[0],
    attempt: Attempt,
  ): Promise<Output> {
    if (!this.writingClient) {
      this.writingClient = new IAMClient({ ...this.config(this.endpoints.iam), maxAttempts: 1 });
      this.writingClient.middlewareStack.use(jobPlugin('iam', this.job));
    }
    command.middlewareStack.use(attemptPlugin(attempt));
    return this.writingClient.send(command);
  }

  /** Made at first use: only listing an organization needs it. */
  get organizations(): OrganizationsClient {
    if (!this.organizationsClient) {
      this.organizationsClient = new OrganizationsClient(this.config(this.endpoints.organizations));
      this.organizationsClient.middlewareStack.use(jobPlugin('organizations', this.job));
    }
    return this.organizationsClient;
  }

  /** Topics are their region's. */
  sns(region: string): SNSClient {
    const known = this.snsClients.get(region);
    if (known) return known;
    const client = new SNSClient(this.config(this.endpoints.sns, region));
    client.middlewareStack.use(jobPlugin('sns', this.job));
    this.snsClients.set(region, client);
    return client;
  }

  /** The history of events is each region's own. */
  cloudTrail(region: string): CloudTrailClient {
    const known = this.cloudTrailClients.get(region);
    if (known) return known;
    const client = new CloudTrailClient(this.config(this.endpoints.cloudtrail, region));
    client.middlewareStack.use(jobPlugin('cloudtrail', this.job));
    this.cloudTrailClients.set(region, client);
    return client;
  }

  /**
   * Gets the credentials now, so that a role that cannot be assumed costs one call and one clear error.
   * @throws DomainError `AWS_ROLE_NOT_ASSUMABLE`, `AWS_NO_CREDENTIALS`, …
   */
  async connect(): Promise<void> {
    try {
      await this.iam.config.credentials();
    } catch (error) {
      throw this.explain(error, this.roleArn === null ? undefined : 'sts:AssumeRole');
    }
  }

  /** `translateAwsError` with this account's facts. */
  explain(error: unknown, action?: string) {
    return translateAwsError(error, {
      roleArn: this.roleArn,
      accountId: this.accountId,
      ...(action === undefined ? {} : { action }),
    });
  }

  /** Forgets the clients. The connections belong to the service and stay for the next account. */
  close(): void {
    this.writingClient = undefined;
    this.organizationsClient = undefined;
    this.snsClients.clear();
    this.cloudTrailClients.clear();
  }

  private config(
    endpoint: string | undefined,
    region = homeRegion(this.partition),
  ): IAMClientConfig & { region: string } {
    return {
      ...this.shared,
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(this.credentials === undefined ? {} : { credentials: this.credentials }),
    };
  }
}
