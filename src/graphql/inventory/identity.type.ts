import { Field, ID, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { idleDaysAt, type IdleTime } from '../../scans/idle';
import type { IdentityRow } from '../../scans/identity';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';

const TYPE_NAMES = { user: 'User', role: 'Role', password: 'Password', 'access-key': 'AccessKey' } as const;

@InterfaceType('Identity', {
  implements: () => [Node],
  description: 'A user, role, password or access key, as the last scan of its account saw it.',
  resolveType: (identity: Identity) => TYPE_NAMES[identity.row.kind],
})
export abstract class Identity implements Node {
  constructor(readonly row: IdentityRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Identity', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'Its ARN; a password’s and a key’s is its user’s.' })
  get arn(): string {
    return this.row.arn;
  }

  @Field(() => String, {
    description:
      'What AWS never uses again: AIDA…, AROA…; a password’s and a key’s is its user’s, the root user’s is the account id.',
  })
  get uniqueId(): string {
    return this.row.unique_id;
  }

  @Field(() => String, { description: 'Its name; a password is named as its user, a key "user/access-key-1".' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { description: 'Its IAM path, "/" or "/team/"; a password’s and a key’s is its user’s.' })
  get path(): string {
    return this.row.path;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was created; a password: last changed. Null: AWS did not say.',
  })
  get createdAt(): Date | null {
    return this.row.born_at;
  }

  @Field(() => DateTime, { description: 'Since when it is known here.' })
  get firstSeenAt(): Date {
    return this.row.first_seen_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'Since when it is gone; null: the last complete scan saw it.' })
  get goneAt(): Date | null {
    return this.row.gone_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'Since when clean-up has it in quarantine; null: it has not.' })
  get quarantinedAt(): Date | null {
    return this.row.quarantined_at;
  }

  @Field(() => Int, {
    nullable: true,
    description:
      'Whole days without use (or, never used, of existence) when its account was last read. Null: not known, and for users, whose credentials are judged one by one.',
  })
  get idleDays(): number | null {
    return this.row.read_at && idleDaysAt(idleTimeOf(this.row), this.row.read_at);
  }

  @Field(() => Boolean, {
    description: 'Whether it may have been idle for longer: AWS’s records do not reach back further.',
  })
  get idleAtLeast(): boolean {
    return idleTimeOf(this.row).idleAtLeast;
  }
}

export const IdentityConnection = connectionOf(Identity, 'Identity');

/** As `scans/idle.ts` stores it: a tracked date later than birth, or none at all, is a lower bound. */
function idleTimeOf({ last_used_state: state, idle_since: idleSince, born_at: bornAt }: IdentityRow): IdleTime {
  const tracked = state === 'before-tracking' && bornAt !== null && (idleSince === null || idleSince > bornAt);
  return { idleSince, idleAtLeast: tracked };
}

@ObjectType({ isAbstract: true })
abstract class Principal extends Identity {
  @Field(() => String, { nullable: true, description: 'The ARN of its permissions boundary.' })
  get permissionsBoundaryArn(): string | null {
    const { boundaryArn } = this.row.detail;
    return typeof boundaryArn === 'string' ? boundaryArn : null;
  }

  @Field(() => [String], { description: 'The ARNs of its managed policies.' })
  get attachedPolicyArns(): string[] {
    return textsOf(this.row.detail['attachedPolicyArns']);
  }

  @Field(() => [String], { description: 'The names of its inline policies.' })
  get inlinePolicyNames(): string[] {
    return textsOf(this.row.detail['inlinePolicyNames']);
  }
}

@ObjectType('User', { implements: () => [Identity, Node], description: 'An IAM user, or the account’s root user.' })
export class User extends Principal {
  @Field(() => Boolean, { description: 'Whether it is the account’s root user, which is only reported.' })
  get isRoot(): boolean {
    return this.row.is_root;
  }

  @Field(() => [String], { description: 'The names of its groups.' })
  get groups(): string[] {
    return textsOf(this.row.detail['groups']);
  }

  @Field(() => String, { nullable: true, description: 'Why its password and keys are not known; null: they are.' })
  get credentialsProblem(): string | null {
    return this.row.credentials_unknown;
  }
}

@ObjectType('Role', { implements: () => [Identity, Node], description: 'An IAM role.' })
export class Role extends Principal {
  @Field(() => [String], { description: 'Who may assume it, as its trust policy says: services, ARNs, "*".' })
  get trustedPrincipals(): string[] {
    return textsOf(this.row.detail['trustedPrincipals']);
  }

  @Field(() => [String], { description: 'The instance profiles it is in: a running instance may use it.' })
  get instanceProfileArns(): string[] {
    return textsOf(this.row.detail['instanceProfileArns']);
  }
}

@ObjectType('Password', { implements: () => [Identity, Node], description: 'A user’s console password.' })
export class Password extends Identity {
  @Field(() => Boolean, { nullable: true, description: 'Whether its user has MFA; null: AWS did not say.' })
  get mfaActive(): boolean | null {
    const { mfaActive } = this.row.detail;
    return typeof mfaActive === 'boolean' ? mfaActive : null;
  }
}

@ObjectType('AccessKey', { implements: () => [Identity, Node], description: 'A user’s access key.' })
export class AccessKey extends Identity {
  @Field(() => String, {
    nullable: true,
    description: 'AKIA…; null until it was asked for, which is done for flagged keys only. See `accessKeyIdProblem`.',
  })
  get accessKeyId(): string | null {
    return this.row.access_key_id;
  }

  @Field(() => String, { nullable: true, description: 'Why its id could not be found out.' })
  get accessKeyIdProblem(): string | null {
    return this.row.access_key_id === null ? this.row.key_id_problem : null;
  }

  @Field(() => Boolean, { description: 'Whether it can be used.' })
  get active(): boolean {
    return this.row.active;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when our scans have seen it inactive; null: it is active.',
  })
  get inactiveSince(): Date | null {
    return this.row.inactive_since;
  }
}

export function identityFrom(row: IdentityRow): Identity {
  switch (row.kind) {
    case 'user':
      return new User(row);
    case 'role':
      return new Role(row);
    case 'password':
      return new Password(row);
    case 'access-key':
      return new AccessKey(row);
  }
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
