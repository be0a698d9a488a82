import { Args, ArgsType, Field, ID, Int, Query, Resolver } from '@nestjs/graphql';
import { badInput } from '../../errors';
import { verifyStored } from '../../tenancy/audit-log/verification';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { AuditEntry, AuditEntryConnection, AuditLogVerification } from './audit-entry.type';
import { AuditLogQueries } from './audit-log-queries';
import { AuditLogFilterInput, toAuditLogFilter } from './audit-log.input';

/** Some seconds of work; the command verifies without a limit. */
const ENTRIES_A_REQUEST = 50_000;

@ArgsType()
class AuditLogArgs extends ScopedConnectionArgs {
  @Field(() => AuditLogFilterInput, { nullable: true, description: 'Which entries; left out: all.' })
  readonly filter?: AuditLogFilterInput | null;
}

@ArgsType()
class AuditLogVerificationArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'The tenant whose log it is (its id): platform tokens must name it, a tenant’s own token need not.',
  })
  readonly tenant?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Begin with this entry: `nextNumber` of an earlier part. Default: at the first one there is.',
  })
  readonly from?: number | null;
}

@Resolver(() => AuditEntry)
export class AuditLogResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: AuditLogQueries,
  ) {}

  @Query(() => AuditEntryConnection, { description: 'What was decided and done, by whom, the newest first.' })
  @Allow('read-audit-log')
  auditLog(@Ask() ask: RequestContext, @Args() args: AuditLogArgs): Promise<Connection<AuditEntry>> {
    const filter = toAuditLogFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new AuditEntry(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => AuditLogVerification, {
    description: `Follows the hashes of a tenant’s log and names the first entry that is not as it was written: ${ENTRIES_A_REQUEST} entries at most in one request. A log that was cut off or written anew as a whole shows only against an anchor: npm run audit:verify.`,
  })
  @Allow('read-audit-log')
  async auditLogVerification(
    @Ask() ask: RequestContext,
    @Args() { tenant, from }: AuditLogVerificationArgs,
  ): Promise<AuditLogVerification> {
    if (from != null && from < 1) throw badInput('from: entries are numbered from 1.');
    const { principal } = ask;
    const tenantId = this.acting.tenantOf(principal, tenant);
    const verified = await verifyStored(
      (work) => this.scope.read(principal, ({ manager }) => work(manager), tenant),
      tenantId,
      { atMost: ENTRIES_A_REQUEST, ...(from == null ? {} : { from }) },
    );
    return AuditLogVerification.from(verified);
  }
}
