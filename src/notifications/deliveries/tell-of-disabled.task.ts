import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { encodeId } from '../../api-id';
import { Config } from '../../config';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import { mailAddress } from '../../mail-settings';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { linkTo } from '../catalogue/payload';
import { Mailer } from '../channels/email/mailer.service';
import { html } from '../channels/words/html';
import { oneLine } from '../channels/words/line';
import { plainText } from '../channels/words/plain-text';
import { tellOfDisabled } from './deliver.definition';

type Payload = z.infer<typeof tellOfDisabled.payload>;

interface Told {
  readonly tenant: string;
  readonly name: string;
  readonly why: string | null;
  readonly at: Date;
  readonly emails: readonly string[];
}

const MOST_RECIPIENTS = 20;
const SUBJECT = 150;

/** Mail to the tenant's admins that an endpoint was disabled, since it cannot say so itself. */
@Injectable()
@Handles(tellOfDisabled)
export class TellOfDisabledTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  async run({ tenantId, payload: { endpointId } }: RunningTask<Payload>): Promise<void> {
    if (!this.mailer.isSetUp) return;
    const told = await this.read(tenantId, endpointId);
    const to = (told?.emails ?? []).filter((email) => mailAddress.safeParse(email).success);
    if (told === null || to.length === 0) return;
    const words = {
      title: `Endpoint disabled: ${told.name}`,
      text: `${told.why ?? ''} Mend the receiver, make the endpoint active again, and replay what failed.`,
      facts: [{ name: 'Tenant', value: told.tenant }],
      link: linkTo(this.config.publicUrl),
    };
    const foot = [`You get this because you are an admin of the tenant "${oneLine(told.tenant, 100)}" in Mothball.`];
    const outcome = await this.mailer.send({
      to: to.slice(0, MOST_RECIPIENTS),
      subject: oneLine(`[Mothball] ${words.title}`, SUBJECT),
      text: `${plainText(words)}\n\n-- \n${foot.join('\n')}\n`,
      html: html(words, foot),
      // Of this time of being disabled: tried again it is the same mail.
      id: `disabled.${told.at.getTime()}.${encodeId('Endpoint', tenantId, endpointId)}`,
    });
    if (outcome.kind !== 'accepted') {
      throw new DomainError('MAIL_NOT_ACCEPTED', outcome.why, { retryable: outcome.kind === 'failed' });
    }
  }

  /** Null: it is active again meanwhile, or gone. */
  private async read(tenantId: string, endpointId: string): Promise<Told | null> {
    const [row] = await this.database.inTenant(tenantId, (manager) =>
      manager.query<Told[]>(
        `SELECT t.name AS tenant, e.name, e.state_why AS why, e.state_changed_at AS at, ARRAY(
             SELECT DISTINCT lower(p.email) FROM people p WHERE p.tenant_id = e.tenant_id AND p.email IS NOT NULL
               AND p.ended_at IS NULL AND 'admin' IN (p.mapped_role, CASE WHEN p.role_expires_at IS NULL
                 OR p.role_expires_at > $3 THEN p.role END)) AS emails
         FROM endpoints e JOIN tenants t ON t.id = e.tenant_id
         WHERE e.tenant_id = $1 AND e.id = $2 AND e.state = 'disabled' AND e.deleted_at IS NULL`,
        [tenantId, endpointId, this.clock.now()],
      ),
    );
    return row ?? null;
  }
}
