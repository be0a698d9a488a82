import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { RoleCheckRow } from '../../roles/verification/account-roles.service';
import type { AccountRoleKind, PermissionFinding, TooWide as TooWideFound } from '../../roles/verification/findings';
import { DateTime } from '../core/date-time.scalar';

export const AccountRole = { SCAN: 'scan', CLEANUP: 'cleanup', RESTORE: 'restore' } as const satisfies Record<
  Uppercase<AccountRoleKind>,
  AccountRoleKind
>;

registerEnumType(AccountRole, {
  name: 'AccountRole',
  description: 'A role in an account that Mothball uses.',
  valuesMap: {
    SCAN: { description: 'Reads; changes nothing.' },
    CLEANUP: { description: 'Quarantines and deletes what was agreed to.' },
    RESTORE: { description: 'Makes again what was deleted.' },
  },
});

export const PermissionState = {
  PRESENT: 'present',
  MISSING: 'missing',
  NOT_KNOWN: 'not-known',
  NOT_GRANTED: 'not-granted',
} as const;

registerEnumType(PermissionState, {
  name: 'PermissionState',
  description: 'Whether a role may do something that it has to.',
  valuesMap: {
    PRESENT: { description: 'It may.' },
    MISSING: { description: 'It may not.' },
    NOT_KNOWN: { description: 'It could neither be tried harmlessly nor simulated.' },
    NOT_GRANTED: { description: 'It may not, and need not: an option that the account has not chosen.' },
  },
});

export const RoleOutcome = {
  OK: 'ok',
  NOT_ASSUMABLE: 'not-assumable',
  ASSUMABLE_WITHOUT_EXTERNAL_ID: 'assumable-without-external-id',
  ASSUMABLE_WITH_WRONG_EXTERNAL_ID: 'assumable-with-wrong-external-id',
  SOURCE_IDENTITY_REFUSED: 'source-identity-refused',
} as const;

registerEnumType(RoleOutcome, {
  name: 'RoleOutcome',
  description: 'Whether a role can be assumed by Mothball, and only for this account.',
  valuesMap: {
    OK: { description: 'With the account’s external id, and only with it.' },
    NOT_ASSUMABLE: { description: 'It cannot be assumed.' },
    ASSUMABLE_WITHOUT_EXTERNAL_ID: { description: 'It can be assumed without an external id, so it is not used.' },
    ASSUMABLE_WITH_WRONG_EXTERNAL_ID: { description: 'It can be assumed with any external id, so it is not used.' },
    SOURCE_IDENTITY_REFUSED: { description: 'Its sessions cannot say what they are for.' },
  },
});

@ObjectType({ description: 'A permission that a role needs.' })
export class PermissionCheck {
  @Field(() => AccountRole, { description: 'Of which role.' })
  readonly role!: AccountRoleKind;

  @Field(() => String, { description: 'As IAM writes it: "iam:ListUsers".' })
  readonly action!: string;

  @Field(() => PermissionState, { description: 'Whether the role has it.' })
  readonly state!: PermissionFinding['state'];

  @Field(() => String, { nullable: true, description: 'Why not; null where it is there.' })
  readonly why!: string | null;

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  readonly remedy!: string | null;
}

@ObjectType({ description: 'Something that a role may do and must not.' })
export class TooWide {
  @Field(() => AccountRole, { description: 'Which role.' })
  readonly role!: AccountRoleKind;

  @Field(() => String, { description: 'What it may do: "iam:PutRolePolicy".' })
  readonly action!: string;

  @Field(() => String, { description: 'On what: an ARN, often of something that need not exist.' })
  readonly resource!: string;

  @Field(() => String, { description: 'What is wrong with that.' })
  readonly why!: string;

  @Field(() => String, { description: 'What to do about it.' })
  readonly remedy!: string;
}

@ObjectType({ description: 'What the last verification found of one role.' })
export class RoleCheck {
  constructor(private readonly row: RoleCheckRow) {}

  @Field(() => AccountRole, { description: 'Which role.' })
  get role(): AccountRoleKind {
    return this.row.kind;
  }

  @Field(() => String, { description: 'Its ARN.' })
  get roleArn(): string {
    return this.row.role_arn;
  }

  @Field(() => DateTime, { description: 'When it was looked at.' })
  get at(): Date {
    return this.row.checked_at;
  }

  @Field(() => RoleOutcome, { description: 'Whether Mothball, and only Mothball, can assume it.' })
  get outcome(): RoleCheckRow['outcome'] {
    return this.row.outcome;
  }

  @Field(() => String, { nullable: true, description: 'Why it cannot be used.' })
  get problem(): string | null {
    return this.row.problem;
  }

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  get remedy(): string | null {
    return this.row.remedy;
  }
}

@ObjectType({ description: 'What the last verification found of an account’s roles. It is repeated every day.' })
export class AccountVerification {
  constructor(private readonly rows: readonly RoleCheckRow[]) {}

  @Field(() => DateTime, { description: 'When it was last looked at.' })
  get at(): Date {
    return new Date(Math.max(...this.rows.map((row) => row.checked_at.getTime())));
  }

  @Field(() => RoleOutcome, { nullable: true, description: 'What came of the scan role; null: not looked at.' })
  get roleOutcome(): RoleCheckRow['outcome'] | null {
    return this.rows.find((row) => row.kind === 'scan')?.outcome ?? null;
  }

  @Field(() => [RoleCheck], { description: 'Each role by itself.' })
  get roles(): RoleCheck[] {
    return this.rows.map((row) => new RoleCheck(row));
  }

  @Field(() => [PermissionCheck], { description: 'Every permission that the roles need.' })
  get permissions(): PermissionCheck[] {
    return this.rows.flatMap(({ kind: role, permissions }) => permissions.map((one) => ({ role, ...one })));
  }

  @Field(() => [TooWide], {
    description: 'What the roles may do and must not: the templates of `setup` do not allow it.',
  })
  get tooWide(): TooWide[] {
    return this.rows.flatMap(({ kind: role, too_wide }) => too_wide.map((one: TooWideFound) => ({ role, ...one })));
  }
}
