import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Config } from '../../config';
import { badInput } from '../../errors';
import { checks, isCheckId } from '../../findings/checks';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { eventTypes, LATEST_VERSION } from '../catalogue';
import { Channels } from '../channels';
import type { Channel, ChannelId } from '../channels/channel';
import type { EndpointRow, Sends } from './endpoint';
import { EndpointQueries } from './endpoint-queries';
import {
  type EndpointChange,
  endpointChange,
  type EndpointRequest,
  endpointRequest,
  parsed,
  USUAL_PACE,
} from './endpoint-request';
import { EndpointSecrets } from './endpoint-secrets.service';
import { type EventFilter, matches } from './event-filter';

/** An endpoint whose parts are all checked: what may be written. */
export interface PreparedEndpoint {
  readonly name: string;
  readonly channel: ChannelId;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What was given; null: the channel has none, or the service makes it. */
  readonly secret: string | null;
  readonly filter: EventFilter;
  readonly sends: Sends;
  readonly perMinute: number;
  readonly concurrency: number;
  readonly payloadVersion: number;
}

type Rest = Pick<PreparedEndpoint, 'filter' | 'sends' | 'perMinute' | 'payloadVersion'>;

/** Whether an endpoint would work as it is asked for; may ask the network, so it is called outside of transactions. */
@Injectable()
export class EndpointPreparation {
  constructor(
    private readonly database: TenantDatabase,
    private readonly channels: Channels,
    private readonly queries: EndpointQueries,
    private readonly secrets: EndpointSecrets,
    private readonly config: Config,
  ) {}

  /** @throws BAD_INPUT naming the field and what to do */
  async prepare(tenantId: string, request: EndpointRequest): Promise<PreparedEndpoint> {
    const given = parsed(endpointRequest, request, 'endpoint');
    const channel = this.channels.of(given.channel);
    const usual = USUAL_PACE[given.channel];
    const prepared = {
      ...given,
      settings: settingsOf(channel, given.settings),
      secret: secretGiven(channel, given.secret),
      perMinute: given.perMinute ?? Math.min(usual.perMinute, this.config.notifications.perMinute),
      concurrency: given.concurrency ?? usual.concurrency,
      payloadVersion: given.payloadVersion ?? LATEST_VERSION,
    };
    this.mustFit(prepared);
    await channel.mustBeUsable(tenantId, prepared.settings, prepared.secret);
    return prepared;
  }

  /** The endpoint as it would be. @throws BAD_INPUT, NOT_FOUND */
  async prepareChange(tenantId: string, id: string, request: EndpointChange): Promise<PreparedEndpoint> {
    const given: z.output<typeof endpointChange> = parsed(endpointChange, request, 'endpoint');
    const row = await this.database.inTenant(tenantId, (manager) => this.queries.live({ manager, tenantId }, id));
    const channel = this.channels.of(row.channel);
    const settings = given.settings === undefined ? row.settings : settingsOf(channel, given.settings);
    const prepared = {
      ...{ name: given.name ?? row.name, channel: row.channel, settings, secret: null },
      ...{ filter: given.filter ?? row.filter, sends: given.sends ?? row.sends },
      ...{ perMinute: given.perMinute ?? row.per_minute, concurrency: given.concurrency ?? row.concurrency },
      payloadVersion: given.payloadVersion ?? row.payload_version,
    };
    this.mustFit(prepared);
    if (given.settings !== undefined) await this.mustStayUsable(row, channel, settings);
    return prepared;
  }

  /** A secret that takes the place of the present one. @throws BAD_INPUT, NOT_FOUND */
  async prepareRotation(tenantId: string, id: string, given: string | undefined): Promise<string | null> {
    const row = await this.database.inTenant(tenantId, (manager) => this.queries.live({ manager, tenantId }, id));
    const channel = this.channels.of(row.channel);
    if (channel.secret === 'none') {
      throw badInput(`id: an endpoint of the channel ${row.channel} has no secret, so there is none to rotate.`);
    }
    const secret = secretGiven(channel, given);
    if (secret !== null) await channel.mustBeUsable(tenantId, row.settings, secret);
    return secret;
  }

  private async mustStayUsable(row: EndpointRow, channel: Channel, settings: object): Promise<void> {
    const { secret } = await this.secrets.openOf(row.tenant_id, row.id);
    await channel.mustBeUsable(row.tenant_id, settings, secret);
  }

  private mustFit({ filter, sends, perMinute, payloadVersion }: Rest): void {
    const most = this.config.notifications.perMinute;
    if (perMinute > most) throw badInput(`perMinute: must be ${most} or less; the operator has set this limit.`);
    if (payloadVersion > LATEST_VERSION) {
      throw badInput(`payloadVersion: must be from 1 to ${LATEST_VERSION}, the newest that there is.`);
    }
    if (sends.endsWith('-digest') && Object.values(filter).some((part) => part !== undefined)) {
      throw badInput('filter: a digest counts everything; leave the filter out, or choose another value of sends.');
    }
    const types = filter.types?.filter(
      (wanted) => !eventTypes.some(({ type }) => matches({ types: [wanted] }, { type, facets: {} })),
    );
    if (types !== undefined && types.length > 0) {
      throw badInput(`filter.types: there is no event ${types.join(', ')}. The query eventTypes lists them.`);
    }
    const unknown = filter.checks?.filter((id) => !isCheckId(id)) ?? [];
    if (unknown.length > 0) {
      throw badInput(
        `filter.checks: there is no check ${unknown.join(', ')}. There are ${checks.map(({ id }) => id).join(', ')}.`,
      );
    }
  }
}

function settingsOf(channel: Channel, given: object): Readonly<Record<string, unknown>> {
  return parsed(channel.settings, given, 'settings') as Readonly<Record<string, unknown>>;
}

function secretGiven(channel: Channel, given: string | undefined): string | null {
  if (channel.secret === 'given') {
    if (given !== undefined) return given;
    throw badInput(`url: the channel ${channel.id} needs the address that it was given.`);
  }
  if (given === undefined) return null;
  throw badInput(
    channel.secret === 'made'
      ? 'secret: the service makes it and shows it once; leave the field out.'
      : `url: the channel ${channel.id} has no secret address; leave the field out.`,
  );
}
