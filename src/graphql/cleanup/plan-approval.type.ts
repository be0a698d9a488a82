import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ApprovalRow } from '../../cleanup/plans/plan-queries';
import { encodeId } from '../../api-id';
import { DateTime } from '../core/date-time.scalar';

export const ApprovalScope = { TENANT: 'tenant', PLATFORM: 'platform', POLICY: 'policy' } as const;

registerEnumType(ApprovalScope, {
  name: 'ApprovalScope',
  description: 'Whose approval it is.',
  valuesMap: {
    TENANT: { description: 'Of somebody in the tenant.' },
    PLATFORM: { description: 'Of one of the platform’s people.' },
    POLICY: { description: 'Of the policy: a second person had agreed to this version of it.' },
  },
});

@ObjectType({ description: 'What somebody has decided about a plan.' })
export class PlanApproval {
  constructor(readonly row: ApprovalRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('PlanApproval', this.row.tenant_id, this.row.id);
  }

  @Field(() => Boolean, { description: 'Whether they approved; false: they refused.' })
  get approved(): boolean {
    return this.row.decision === 'approved';
  }

  @Field(() => String, { description: 'Who.' })
  get by(): string {
    return this.row.decided_by;
  }

  @Field(() => ApprovalScope, { description: 'For whom.' })
  get scope(): ApprovalRow['scope'] {
    return this.row.scope;
  }

  @Field(() => String, { description: 'The manifest that they saw.' })
  get manifestHash(): string {
    return this.row.manifest_hash;
  }

  @Field(() => String, { nullable: true, description: 'What they noted.' })
  get note(): string | null {
    return this.row.note;
  }

  @Field(() => DateTime, { description: 'When.' })
  get at(): Date {
    return this.row.at;
  }
}
