import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../clock';
import { DomainError } from '../../../errors';
import { type RunningTask, StaleFence } from '../../../tasks/running-task';
import { Channels } from '../../channels';
import type { OpenEndpoint, Outcome } from '../../channels/channel';
import { EndpointSecrets } from '../../endpoints/endpoint-secrets.service';
import type { SendingEndpoint } from './sending-endpoint';
import type { Turn } from './turn';

export interface Sent {
  readonly outcome: Outcome;
  readonly latencyMs: number;
}

/** One message out by its channel, outside of any transaction. */
@Injectable()
export class Sending {
  private readonly logger = new Logger(Sending.name);

  constructor(
    private readonly channels: Channels,
    private readonly secrets: EndpointSecrets,
    private readonly clock: Clock,
  ) {}

  /** The endpoint with its secrets open; or why nothing can be sent to it. */
  async open(row: SendingEndpoint): Promise<OpenEndpoint | string> {
    const settings = this.channels.of(row.channel).settings.safeParse(row.settings);
    if (!settings.success) return 'The settings of the endpoint are not what its channel takes any more. Change them.';
    try {
      return { tenantId: row.tenant_id, id: row.id, settings: settings.data, ...(await this.secrets.open(row)) };
    } catch (error) {
      this.logger.error({ err: error, endpoint: row.id, tenant: row.tenant_id }, 'A secret cannot be opened.');
      return error instanceof DomainError ? 'The secret of the endpoint cannot be read. Rotate it.' : unexpected;
    }
  }

  /** Throws StaleFence where the lane may be another's by now: a worker that slept sends nothing. */
  async send(task: RunningTask, row: SendingEndpoint, open: OpenEndpoint | string, { message }: Turn): Promise<Sent> {
    if (typeof open === 'string') return { outcome: { kind: 'failed', why: open }, latencyMs: 0 };
    const deadline = task.lane?.deadline() ?? null;
    if (task.lane !== null && (deadline === null || deadline <= performance.now())) throw new StaleFence(task.id);
    const startedAt = performance.now();
    const outcome = await this.channels
      .of(row.channel)
      .send(open, message, this.clock.now())
      .catch((error: unknown): Outcome => {
        this.logger.error({ err: error, endpoint: row.id, tenant: row.tenant_id }, 'A message could not be sent.');
        return { kind: 'failed', why: unexpected };
      });
    return { outcome, latencyMs: Math.round(performance.now() - startedAt) };
  }
}

const unexpected = 'The service had an unexpected error. Its operator finds it in the log.';
