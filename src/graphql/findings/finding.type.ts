import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { findCheck } from '../../findings/checks/index';
import type { FindingRow, FindingStatus as Status, UnknownRow } from '../../findings/finding';
import type { FindingEvent } from '../../findings/finding-queries';
import type { Severity as SeverityValue } from '../../findings/policy';
import { idleDaysAt } from '../../scans/idle';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import { Node } from '../core/node.type';
import { Check, Severity } from './check.type';

export const FindingStatus = { OPEN: 'open', EXEMPT: 'exempt', RESOLVED: 'resolved' } as const;

registerEnumType(FindingStatus, {
  name: 'FindingStatus',
  description: 'How a finding stands.',
  valuesMap: {
    OPEN: { description: 'It is wrong now.' },
    EXEMPT: { description: 'It would be, but an exemption or the policy spares it.' },
    RESOLVED: { description: 'It is no longer so.' },
  },
});

@ObjectType({ description: 'The policy that a finding was judged by.' })
export class AppliedPolicy {
  @Field(() => String, { description: 'Its name.' })
  readonly name!: string;

  @Field(() => Int, { description: 'Its version; 0 is the built-in default.' })
  readonly version!: number;
}

@ObjectType({ description: 'Something that has happened.' })
export class Event {
  @Field(() => DateTime, { description: 'When.' })
  readonly at!: Date;

  @Field(() => String, { description: 'What: "finding.opened", "finding.resolved" …' })
  readonly what!: string;

  @Field(() => Json, { description: 'Details.' })
  readonly data!: unknown;

  static from({ at, type, data }: FindingEvent): Event {
    // Ids inside are the database's own and lead nowhere in this API.
    const { identityId: _identity, accountId: _account, ...rest } = data;
    return { at, what: type, data: rest };
  }
}

@ObjectType({ implements: () => [Node], description: 'A check that an identity does not meet.' })
export class Finding implements Node {
  constructor(readonly row: FindingRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Finding', this.row.tenant_id, this.row.id);
  }

  @Field(() => FindingStatus, { description: 'How it stands.' })
  get status(): Status {
    return this.row.status;
  }

  @Field(() => Severity, { description: 'How bad it is, as the policy says.' })
  get severity(): SeverityValue {
    return this.row.severity;
  }

  @Field(() => String, { description: 'Why, as a sentence with the dates.' })
  get why(): string {
    return this.row.why;
  }

  @Field(() => String, {
    nullable: true,
    description: 'With EXEMPT: why it was exempted, or which setting of the policy spares it.',
  })
  get exemptReason(): string | null {
    return this.row.exempt_reason;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'With RESOLVED: compliant, gone, check-disabled, or showed-life: it was used while in quarantine, and `why` says how.',
  })
  get resolution(): string | null {
    return this.row.resolution;
  }

  @Field(() => DateTime, { description: 'When it was first seen.' })
  get firstSeenAt(): Date {
    return this.row.first_seen_at;
  }

  @Field(() => DateTime, {
    description: 'When it was last seen: the last complete reading of its account; resolved: when it was.',
  })
  get lastSeenAt(): Date {
    return this.row.resolved_at ?? this.row.read_at ?? this.row.changed_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was resolved.' })
  get resolvedAt(): Date | null {
    return this.row.resolved_at;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'Whole days without use, when its account was last read. Null: not known.',
  })
  get idleDays(): number | null {
    const { idle_since: idleSince, idle_at_least: idleAtLeast } = this.row;
    return idleDaysAt({ idleSince, idleAtLeast }, this.lastSeenAt);
  }

  @Field(() => Boolean, { description: 'Whether it may have been longer: AWS’s records do not reach back further.' })
  get idleAtLeast(): boolean {
    return this.row.idle_at_least;
  }

  @Field(() => Check, { description: 'The check.' })
  get check(): Check {
    return checkOf(this.row.check_id);
  }

  @Field(() => AppliedPolicy, { description: 'The policy that it was last judged by.' })
  get policy(): AppliedPolicy {
    return { name: this.row.policy_name, version: this.row.policy_version };
  }
}

export const FindingConnection = connectionOf(Finding, 'Finding');

@ObjectType({ description: 'An identity that a check could not judge. Never acted on.' })
export class Unknown {
  constructor(readonly row: UnknownRow) {}

  @Field(() => String, { description: 'Why not.' })
  get reason(): string {
    return this.row.reason;
  }

  @Field(() => DateTime, { description: 'Since when.' })
  get since(): Date {
    return this.row.since;
  }

  @Field(() => Check, { description: 'The check.' })
  get check(): Check {
    return checkOf(this.row.check_id);
  }
}

export const UnknownConnection = connectionOf(Unknown, 'Unknown');

function checkOf(id: string): Check {
  const check = findCheck(id);
  if (!check) throw new Error(`There is no check "${id}".`);
  return new Check(check);
}
