import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../../config';
import { isId } from '../../ids';
import { EVENTS_CHANNEL } from '../../tasks/events.service';
import { TaskQueue } from '../../tasks/task-queue.service';
import { Listener } from '../../tenancy/listener';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';
import { publishEvents } from './publish-events.definition';

/** What is recorded meanwhile is published along. */
const GATHER_MS = 200;
/** A notification may get lost; nothing else may. */
const SWEEP_EVERY_MS = 60_000;

/** Has recorded events published: soon after they are, and whatever is left of them each minute. */
@Injectable()
export class PublishingWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PublishingWatch.name);
  /** Tenants whose events are about to be published. */
  private readonly gathering = new Map<string, NodeJS.Timeout>();
  private readonly atWork = new Set<Promise<void>>();
  private sweeping: NodeJS.Timeout | undefined;
  private unlisten = (): void => {};

  constructor(
    private readonly config: Config,
    private readonly listener: Listener,
    private readonly database: TenantDatabase,
    private readonly queue: TaskQueue,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    this.unlisten = await this.listener.listen(EVENTS_CHANNEL, (payload) => this.heard(payload));
    this.sweeping = setInterval(() => this.inBackground(this.sweep()), SWEEP_EVERY_MS);
    this.inBackground(this.sweep());
  }

  /** Before the database's doors close, which happens in a later phase of the shutdown. */
  async onModuleDestroy(): Promise<void> {
    this.unlisten();
    clearInterval(this.sweeping);
    for (const timer of this.gathering.values()) clearTimeout(timer);
    this.gathering.clear();
    await Promise.all(this.atWork);
  }

  /** Every tenant that has something unpublished. */
  async sweep(): Promise<void> {
    const tenants = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<{ id: string }[]>('SELECT tenant_id AS id FROM tenants_with_unpublished_events()'),
    );
    for (const { id } of tenants) await this.enqueue(id);
  }

  private heard(payload: string): void {
    // An empty payload: notifications may have been missed.
    if (payload === '') return this.inBackground(this.sweep());
    const tenantId = tenantOf(payload);
    if (tenantId === null || this.gathering.has(tenantId)) return;
    const timer = setTimeout(() => {
      this.gathering.delete(tenantId);
      this.inBackground(this.enqueue(tenantId));
    }, GATHER_MS);
    this.gathering.set(tenantId, timer);
  }

  private async enqueue(tenantId: string): Promise<void> {
    await this.database.inTenant(tenantId, (manager) =>
      this.queue.enqueue(manager, {
        tenantId,
        task: publishEvents,
        payload: {},
        lane: `publish:${tenantId}`,
        dedupeKey: 'all',
        whenRunning: 'again',
      }),
    );
  }

  /** What fails here is made up for by the next sweep. */
  private inBackground(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        this.logger.warn(`Events are published later: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => this.atWork.delete(settled));
    this.atWork.add(settled);
  }
}

function tenantOf(payload: string): string | null {
  const { tenantId } = JSON.parse(payload) as { tenantId?: unknown };
  return typeof tenantId === 'string' && isId(tenantId) ? tenantId : null;
}
