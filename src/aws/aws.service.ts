import { setMaxListeners } from 'node:events';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError } from '../errors';
import { AccountAccess, type SharedClientConfig } from './account-access';
import { parseArn, parseRoleArn } from './arns';
import { assumedRole, type RoleSession } from './assumed-role';
import { AWS_OPTIONS, type AwsOptions } from './aws-options';
import { CallCounter } from './calls';
import { translateAwsError } from './errors';
import { AwsTime, jobPlugin, type Job } from './middleware';
import { Pacer, type PacingOptions } from './pacing';
import { homeRegion, type Partition } from './partitions';
import { proveRole, type RoleProof, type RoleToProve } from './role-proof';

export interface JobOptions {
  /** The end of the lane's lease on `performance.now()`'s clock. */
  readonly leaseDeadline?: (() => number | null) | undefined;
  /** Throws, or rejects, while nothing may be sent: an emergency stop. */
  readonly mayGo?: (() => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly pacing?: PacingOptions | undefined;
}

export interface OpenAccount extends RoleSession, JobOptions {
  readonly partition: Partition;
  readonly accountId: string;
}

export interface CallerIdentity {
  readonly partition: Partition;
  readonly accountId: string;
  readonly arn: string;
}

/** Enough for a bucket that is empty for some ten seconds; the SDK waits 1, 2, 4 … s after throttling, with jitter. */
const DEFAULT_MAX_ATTEMPTS = 6;
const DEFAULT_CONNECTION_TIMEOUT_MS = 5_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
/** Reports take AWS some seconds, and each look is a call. */
const DEFAULT_FIRST_LOOK_MS = 1_500;
/** Far above what a job has at once, so that a leak still shows. */
const MAX_SIGNAL_LISTENERS = 100;

const UNREACHABLE = new Set(['AWS_UNREACHABLE', 'AWS_THROTTLED', 'AWS_FAILED']);

/** The only door to AWS. Ambient credentials come from the SDK's default chain; all others by assuming a role. */
@Injectable()
export class AwsService implements OnModuleDestroy {
  private readonly stsClients = new Map<string, STSClient>();
  private readonly shared: SharedClientConfig;
  private readonly handler: STSClient['config']['requestHandler'];
  private ambientRegion: Promise<string> | undefined;

  constructor(@Inject(AWS_OPTIONS) private readonly options: AwsOptions = {}) {
    const settings: SharedClientConfig = {
      retryMode: 'standard',
      maxAttempts: options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      requestHandler: {
        connectionTimeout: options.connectionTimeoutMs ?? DEFAULT_CONNECTION_TIMEOUT_MS,
        requestTimeout: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    };
    // One handler for every client, so that connections are kept from one account to the next.
    this.handler = new STSClient(settings).config.requestHandler;
    this.shared = { ...settings, requestHandler: this.handler };
  }

  /**
   * Clients for one account by its role. No request is sent yet: `connect()` or the first request assumes the role.
   * @throws DomainError `BAD_INPUT` when the role is not of this account and partition.
   */
  openAccount(account: OpenAccount): AccountAccess {
    const { partition, accountId, roleArn } = account;
    parseRoleArn(roleArn, { partition, accountId });
    const job = this.job(account);
    const credentials = assumedRole(this.sts(partition), account, job.calls, account.signal);
    return new AccountAccess(
      { partition, accountId, roleArn },
      job,
      this.shared,
      this.options.endpoints ?? {},
      credentials,
    );
  }

  /** The account of the ambient credentials, with nothing assumed: for the command line. Costs one call. */
  async ambientAccount(options: JobOptions = {}): Promise<AccountAccess> {
    const job = this.job(options);
    const { partition, accountId } = await this.callerIdentity(job);
    return new AccountAccess(
      { partition, accountId, roleArn: null },
      job,
      this.shared,
      this.options.endpoints ?? {},
      undefined,
    );
  }

  /** Who the ambient credentials are. @throws DomainError `AWS_NO_CREDENTIALS`, `AWS_UNREACHABLE`, … */
  async callerIdentity(job?: Job): Promise<CallerIdentity> {
    const sts = this.newSts(await this.regionOfAmbient());
    if (job) sts.middlewareStack.use(jobPlugin('sts', job));
    try {
      const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
      if (!Arn || !Account) throw new DomainError('AWS_ERROR', 'sts:GetCallerIdentity answered without an account.');
      return { partition: parseArn(Arn).partition, accountId: Account, arn: Arn };
    } catch (error) {
      throw translateAwsError(error, { action: 'sts:GetCallerIdentity', roleArn: null });
    }
  }

  /**
   * For a process that is about to work: without credentials it could do nothing but fail, one task after another.
   * AWS out of reach is no reason not to start: it may come back.
   * @throws DomainError `AWS_NO_CREDENTIALS`, `AWS_BAD_CREDENTIALS`, `AWS_EXPIRED_TOKEN`
   */
  async mustHaveCredentials(): Promise<void> {
    try {
      await this.callerIdentity();
    } catch (error) {
      if (!(error instanceof DomainError) || !UNREACHABLE.has(error.code)) throw error;
      this.options.log?.warn({ code: error.code }, error.message);
    }
  }

  /**
   * Whether the role can be assumed with its external id, and only with it.
   * @throws DomainError `BAD_INPUT` when the checks of the external id are to be left out anywhere but on loopback.
   */
  async proveRole(role: RoleToProve): Promise<RoleProof> {
    const { partition } = parseRoleArn(role.roleArn);
    if (role.withoutExternalIdChecks && !(await this.onLoopback())) {
      throw new DomainError(
        'BAD_INPUT',
        'The external id may go unchecked only for an emulator on loopback, and the STS endpoint is not there. Switch the setting off.',
      );
    }
    return proveRole(this.sts(partition), role);
  }

  /** Whether STS is reached on this very machine: an emulator or the simulator. */
  async onLoopback(): Promise<boolean> {
    const hostname = await hostOf(this.newSts(await this.regionOfAmbient(), { credentials: NOBODY }));
    return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
  }

  onModuleDestroy(): void {
    this.close();
  }

  /** Closes idle connections, so that a command's process can end. */
  close(): void {
    this.handler.destroy?.();
  }

  private job(options: JobOptions): Job {
    // A listener or two for each request in flight or waiting for its turn; all are taken off at its end.
    if (options.signal) setMaxListeners(MAX_SIGNAL_LISTENERS, options.signal);
    return {
      calls: new CallCounter(),
      pacer: new Pacer(options.pacing ?? this.options.pacing),
      leaseDeadline: options.leaseDeadline ?? (() => null),
      mayGo: options.mayGo,
      signal: options.signal,
      log: this.options.log,
      time: new AwsTime(),
      firstLookMs: this.options.firstLookMs ?? DEFAULT_FIRST_LOOK_MS,
    };
  }

  /** One client for each region, shared by all jobs: STS's limit is the calling account's. */
  private sts(partition: Partition): STSClient {
    const region = this.options.stsRegions?.[partition] ?? homeRegion(partition);
    let client = this.stsClients.get(region);
    if (!client) {
      client = this.newSts(region);
      client.middlewareStack.use(jobPlugin('sts', this.job({ pacing: this.options.pacing })));
      this.stsClients.set(region, client);
    }
    return client;
  }

  private newSts(region: string, settings: Pick<STSClientConfig, 'credentials'> = {}): STSClient {
    const endpoint = this.options.endpoints?.sts;
    return new STSClient({ ...this.shared, ...settings, region, ...(endpoint === undefined ? {} : { endpoint }) });
  }

  /** The SDK's own answer (environment, profile), or AWS's home region where nothing is configured. */
  private regionOfAmbient(): Promise<string> {
    this.ambientRegion ??= new STSClient({ ...this.shared }).config.region().catch(() => homeRegion('aws'));
    return this.ambientRegion;
  }
}

/** For requests that are begun and never sent. */
const NOBODY = { accessKeyId: 'nobody', secretAccessKey: 'nothing' };

/** Where a client's requests go, by options, environment or profile: the SDK finds that out for each, so one is begun and not sent. */
async function hostOf(client: STSClient): Promise<string> {
  let host = '';
  client.middlewareStack.add(
    () =>
      ({ request }) => {
        if (hasHostname(request)) host = request.hostname;
        return Promise.resolve({ response: undefined, output: { $metadata: {} } });
      },
    { step: 'build', priority: 'high', name: 'whereTo' },
  );
  await client.send(new GetCallerIdentityCommand({}));
  return host;
}

const hasHostname = (request: unknown): request is { readonly hostname: string } =>
  typeof request === 'object' && request !== null && 'hostname' in request && typeof request.hostname === 'string';
