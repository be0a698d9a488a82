import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { FindingStatus as Status } from '../../findings/finding';
import type { PreviewChange, PreviewChangeRow, PreviewRow } from '../../findings/policies/previews/policy-preview';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { FindingStatus } from '../findings/finding.type';

export const PolicyPreviewState = { QUEUED: 'queued', RUNNING: 'running', FINISHED: 'finished' } as const;

registerEnumType(PolicyPreviewState, {
  name: 'PolicyPreviewState',
  description: 'How far a preview is.',
  valuesMap: {
    QUEUED: { description: 'It waits for its turn.' },
    RUNNING: { description: 'Accounts are being judged.' },
    FINISHED: { description: 'The counts are whole.' },
  },
});

export const PreviewChangeKind = {
  OPENED: 'opened',
  RESOLVED: 'resolved',
  REOPENED: 'reopened',
  EXEMPTED: 'exempted',
} as const satisfies Record<string, PreviewChange>;

registerEnumType(PreviewChangeKind, {
  name: 'PolicyPreviewChangeKind',
  description: 'What would become of a finding.',
  valuesMap: {
    OPENED: { description: 'It is new, or was exempt, and would be open.' },
    RESOLVED: { description: 'It would be over.' },
    REOPENED: { description: 'It was over, and would be open again.' },
    EXEMPTED: { description: 'It would be exempt.' },
  },
});

@ObjectType({
  implements: () => [Node],
  description: 'What saving policies would do to the findings, worked out from the inventory. Kept for seven days.',
})
export class PolicyPreview implements Node {
  constructor(readonly row: PreviewRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('PolicyPreview', this.row.tenant_id, this.row.id);
  }

  @Field(() => PolicyPreviewState, {
    description: 'How far it is. Ask for it again (`policyPreview`) until it is FINISHED.',
  })
  get state(): PreviewRow['state'] {
    return this.row.state;
  }

  @Field(() => Int, { description: 'How many accounts it looks at: those for which something changes.' })
  get accounts(): number {
    return this.row.accounts;
  }

  @Field(() => Int, { description: 'How many of them it has looked at.' })
  get accountsDone(): number {
    return this.row.accounts_done;
  }

  @Field(() => Int, { description: 'Findings that would be open and are new, or exempt now.' })
  get opened(): number {
    return this.row.opened;
  }

  @Field(() => Int, { description: 'Findings that would be over.' })
  get resolved(): number {
    return this.row.resolved;
  }

  @Field(() => Int, { description: 'Findings that are over, and would be open again.' })
  get reopened(): number {
    return this.row.reopened;
  }

  @Field(() => Int, { description: 'Findings that would be exempt.' })
  get exempted(): number {
    return this.row.exempted;
  }

  @Field(() => Int, { description: 'Findings in these accounts that would stay as they are.' })
  get unchanged(): number {
    return this.row.unchanged;
  }

  @Field(() => Int, {
    description:
      'Users about to be called unused of whom AWS must be asked first (SSH keys, service-specific credentials). They are in none of these counts: saving asks, and then judges them.',
  })
  get toAsk(): number {
    return this.row.to_ask;
  }

  @Field(() => String, { description: 'Who asked for it.' })
  get requestedBy(): string {
    return this.row.requested_by;
  }

  @Field(() => DateTime, { description: 'When it was asked for.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was finished.' })
  get finishedAt(): Date | null {
    return this.row.finished_at;
  }
}

@ObjectType({ description: 'What would become of one finding.' })
export class PolicyPreviewChange {
  constructor(readonly row: PreviewChangeRow) {}

  @Field(() => PreviewChangeKind, { description: 'What would become of it.' })
  get change(): PreviewChange {
    return this.row.change;
  }

  @Field(() => FindingStatus, { nullable: true, description: 'How it stands now; null: it is not there yet.' })
  get before(): Status | null {
    return this.row.before;
  }

  @Field(() => String, { nullable: true, description: 'The policy that would decide; null: it would be over.' })
  get policy(): string | null {
    return this.row.policy_name;
  }

  @Field(() => String, {
    description: 'Why, as a sentence; of what would be over: compliant, gone, or check-disabled.',
  })
  get why(): string {
    return this.row.why;
  }
}

export const PolicyPreviewChangeConnection = connectionOf(PolicyPreviewChange, 'PolicyPreviewChange');
