import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Fault } from '../../tenancy/audit-log/chain';
import type { VerifiedChain } from '../../tenancy/audit-log/verification';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import type { AuditEntryRow } from './audit-log-queries';

export const AuditActorKind = { PERSON: 'person', TOKEN: 'token', SERVICE: 'service', ANONYMOUS: 'anonymous' } as const;
export type AuditActorKindValue = (typeof AuditActorKind)[keyof typeof AuditActorKind];

registerEnumType(AuditActorKind, {
  name: 'AuditActorKind',
  description: 'What kind of actor did something.',
  valuesMap: {
    PERSON: { description: 'Somebody who signed in.' },
    TOKEN: { description: 'A program with an API token.' },
    SERVICE: { description: 'Mothball by itself, in one of its tasks or commands.' },
    ANONYMOUS: { description: 'Somebody who could not say who they are.' },
  },
});

@ObjectType({ description: 'Who did it.' })
export class AuditActor {
  @Field(() => AuditActorKind, { description: 'A person, a token or the service.' })
  readonly kind!: AuditActorKindValue;

  @Field(() => String, { description: 'The person’s or the token’s own id; of the service, the task’s.' })
  readonly id!: string;

  @Field(() => String, { description: 'The name at that time; of the service, the task’s kind.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'The role at that time; null for the service.' })
  readonly role!: string | null;

  @Field(() => String, { description: 'Who is behind it: a person’s issuer and subject, also behind their tokens.' })
  readonly standsFor!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The tenant that the actor belongs to. Another one than the log’s: one of the platform’s people.',
  })
  readonly tenantId!: string | null;
}

@ObjectType({ description: 'What it was done to.' })
export class AuditObject {
  @Field(() => String, { description: 'What kind of thing: "account", "policy", "api-token" …' })
  readonly type!: string;

  @Field(() => String, { description: 'Its own id, as the service stores it.' })
  readonly id!: string;
}

@ObjectType({ description: 'One thing that was decided or done. Entries never change.' })
export class AuditEntry {
  constructor(readonly row: AuditEntryRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('AuditEntry', this.row.tenantId, this.row.id);
  }

  @Field(() => ID, { description: 'The tenant in whose log it is.' })
  get tenantId(): string {
    return encodeId('Tenant', this.row.tenantId, this.row.tenantId);
  }

  @Field(() => Int, { description: 'Its place in the tenant’s log: 1, 2, 3 … without gaps.' })
  get number(): number {
    return this.row.seq;
  }

  @Field(() => DateTime, { description: 'When, by the database’s clock.' })
  get at(): Date {
    return new Date(this.row.at);
  }

  @Field(() => AuditActor, { description: 'Who did it.' })
  get actor(): AuditActor {
    const { actorKind, actorId, actorName, actorRole, actorStandsFor, actorTenantId } = this.row;
    return Object.assign(new AuditActor(), {
      kind: actorKind,
      id: actorId,
      name: actorName,
      role: actorRole,
      standsFor: actorStandsFor,
      tenantId: actorTenantId && encodeId('Tenant', actorTenantId, actorTenantId),
    });
  }

  @Field(() => String, { description: 'What was done: "policy.saved", or the name of a mutation.' })
  get action(): string {
    return this.row.action;
  }

  @Field(() => AuditObject, { nullable: true, description: 'To what; null where it concerns the whole tenant.' })
  get object(): AuditObject | null {
    const { objectType, objectId } = this.row;
    if (objectType === null || objectId === null) return null;
    return Object.assign(new AuditObject(), { type: objectType, id: objectId });
  }

  @Field(() => Json, {
    nullable: true,
    description: 'What changed, as it was. Of a large value the beginning and a hash.',
  })
  get before(): unknown {
    return valueOf(this.row.before);
  }

  @Field(() => Json, { nullable: true, description: 'The same as it is since then; for a mutation its arguments.' })
  get after(): unknown {
    return valueOf(this.row.after);
  }

  @Field(() => String, {
    nullable: true,
    description: 'One for each request or task; answers carry it as `x-request-id` and errors as `requestId`.',
  })
  get requestId(): string | null {
    return this.row.requestId;
  }

  @Field(() => String, { nullable: true, description: 'The network address of the caller; null for the service.' })
  get sourceAddress(): string | null {
    return this.row.sourceAddress;
  }

  @Field(() => String, { description: 'SHA-256 over all of it and the hash of the entry before, in hexadecimal.' })
  get hash(): string {
    return this.row.hash;
  }

  @Field(() => String, { description: 'The hash of the entry before; zeros for the first one.' })
  get previousHash(): string {
    return this.row.previousHash;
  }
}

/** Whoever has tampered with an entry must not keep the others of its page from being read, too. */
function valueOf(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const AuditEntryConnection = connectionOf(AuditEntry, 'AuditEntry');

export const AuditFault: Readonly<Record<string, Fault>> = {
  ALTERED: 'altered',
  MISSING: 'missing',
  REORDERED: 'reordered',
  CUT_TAIL: 'cut-tail',
  CHECKPOINT_BROKEN: 'checkpoint-broken',
  HEAD_MISMATCH: 'head-mismatch',
};

registerEnumType(AuditFault, {
  name: 'AuditFault',
  description: 'How a log was tampered with.',
  valuesMap: {
    ALTERED: { description: 'An entry is not what was written.' },
    MISSING: { description: 'An entry is gone.' },
    REORDERED: { description: 'An entry does not follow the one before it.' },
    CUT_TAIL: { description: 'The last entries are gone.' },
    CHECKPOINT_BROKEN: { description: 'What pruning has left is not what was written.' },
    HEAD_MISMATCH: { description: 'The log’s head and its last entry do not agree.' },
  },
});

@ObjectType({ description: 'The first place in a log that is not as it was written.' })
export class AuditBreak {
  @Field(() => Int, {
    description: 'The number of the first such entry; of a checkpoint, of the entry that it stands for.',
  })
  readonly number!: number;

  @Field(() => AuditFault, { description: 'What is wrong.' })
  readonly fault!: Fault;

  @Field(() => String, { description: 'The same in words.' })
  readonly message!: string;
}

@ObjectType({ description: 'What came out of following the hashes of a log.' })
export class AuditLogVerification {
  @Field(() => Boolean, { description: 'Whether all that was looked at is as it was written.' })
  readonly intact!: boolean;

  @Field(() => Boolean, { description: 'Whether the log was followed to its end; else go on at `nextNumber`.' })
  readonly complete!: boolean;

  @Field(() => Int, { description: 'How many entries were looked at and are good.' })
  readonly entries!: number;

  @Field(() => Int, { nullable: true, description: 'Where to go on, with `from`; null at the end of the log.' })
  readonly nextNumber!: number | null;

  @Field(() => AuditBreak, { nullable: true, description: 'The first entry that is not as it was; null: none.' })
  readonly firstBreak!: AuditBreak | null;

  static from({ entries, upTo, complete, broken }: VerifiedChain): AuditLogVerification {
    return Object.assign(new AuditLogVerification(), {
      intact: broken === null,
      complete,
      entries,
      nextNumber: complete || broken ? null : upTo + 1,
      firstBreak: broken && Object.assign(new AuditBreak(), { ...broken, number: broken.seq }),
    });
  }
}
