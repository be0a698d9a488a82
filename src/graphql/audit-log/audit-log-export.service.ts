import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../tenancy/audit-log.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { Acting } from '../core/acting';
import { ReadScope } from '../core/read-scope';
import type { RequestContext } from '../core/request-context';
import { AuditLogQueries } from './audit-log-queries';
import { type ExportFormatName, exportFormats } from '../../tenancy/audit-log/export-formats';

export interface WantedExport {
  readonly format: ExportFormatName;
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
  /** The tenant's id in the API; platform people must name it. */
  readonly tenant: string | null;
}

/** An entry has 35 kB at most: a page stays under 20 MB. */
const PAGE = 500;

/** A tenant's audit log as one long text, the oldest entry first; page by page, so that its size does not matter. */
@Injectable()
export class AuditLogExport {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: AuditLogQueries,
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
  ) {}

  /** Throws FORBIDDEN, BAD_INPUT or NOT_FOUND before anything is sent. That somebody takes the log away is in the log. */
  async open(ask: RequestContext, wanted: WantedExport): Promise<AsyncIterable<string>> {
    ask.mustBeAllowed('read-audit-log');
    const { format, from, to, tenant } = wanted;
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    // A foreign or made-up tenant is refused here.
    const start = await this.read(ask, tenant, (reader) =>
      from === null ? Promise.resolve(0) : this.queries.beforeTime(reader, tenantId, from),
    );
    await this.acting.as(ask, () =>
      this.database.inTenant(tenantId, async (manager) => {
        const after = { format, from, to };
        this.auditLog.note(manager, { action: 'audit-log.exported', object: null, after });
      }),
    );
    return this.texts(ask, wanted, tenantId, start);
  }

  private async *texts(
    ask: RequestContext,
    { format, to, tenant }: WantedExport,
    tenantId: string,
    start: number | null,
  ): AsyncGenerator<string> {
    const { begin, lines } = exportFormats[format];
    yield begin;
    let after = start;
    while (after !== null) {
      const last: number = after;
      // A long log takes a while, in which the credential may be revoked.
      await ask.mustStillBeValid();
      const page = await this.read(ask, tenant, (reader) => this.queries.after(reader, tenantId, last, PAGE));
      const inTime = to === null ? page : page.filter(({ at }) => new Date(at) < to);
      yield lines(inTime);
      after = inTime.length === PAGE ? (inTime.at(-1)?.seq ?? null) : null;
    }
  }

  private read<T>(ask: RequestContext, tenant: string | null, work: Parameters<typeof ReadScope.prototype.read<T>>[1]) {
    return this.scope.read(ask.principal, work, tenant);
  }
}
