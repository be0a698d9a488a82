import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ScanOutcome as Outcome, ScanRow, ScanState as State, SweepRow } from '../../scans/scan';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';

export const ScanState = { QUEUED: 'queued', RUNNING: 'running', FINISHED: 'finished' } as const;
registerEnumType(ScanState, {
  name: 'ScanState',
  description: 'How far a scan is.',
  valuesMap: {
    QUEUED: { description: 'Waits for a worker.' },
    RUNNING: { description: 'Is being done.' },
    FINISHED: { description: 'Is over; see its outcome.' },
  },
});

export const ScanOutcome = { COMPLETE: 'complete', PARTIAL: 'partial', FAILED: 'failed' } as const;
registerEnumType(ScanOutcome, {
  name: 'ScanOutcome',
  description: 'What came of a scan.',
  valuesMap: {
    COMPLETE: { description: 'Everything was read.' },
    PARTIAL: { description: 'Something was not; what was read counts, and no finding is resolved by what is missing.' },
    FAILED: { description: 'Nothing could be read.' },
  },
});

@ObjectType({ description: 'Something that a scan could not read.' })
export class NotRead {
  @Field(() => String, { description: 'What was not read.' })
  readonly what!: string;

  @Field(() => String, { description: 'A code for programs.' })
  readonly code!: string;

  @Field(() => String, { description: 'Why not.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  readonly remedy!: string | null;
}

@ObjectType({ description: 'What one scan has asked AWS, by action.' })
export class ActionCalls {
  @Field(() => String, { description: 'The action, "iam:ListUsers".' })
  readonly action!: string;

  @Field(() => Int, { description: 'Requests sent, retries included.' })
  readonly calls!: number;

  @Field(() => Int, { description: 'Of those, the ones that AWS throttled.' })
  readonly throttled!: number;

  @Field(() => Int, { description: 'Of those, the ones that were retries.' })
  readonly retried!: number;

  @Field(() => Int, { description: 'Time on the wire, in milliseconds, all together.' })
  readonly durationMs!: number;
}

@ObjectType({ implements: () => [Node], description: 'One reading of one account.' })
export class Scan implements Node {
  constructor(readonly row: ScanRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Scan', this.row.tenant_id, this.row.id);
  }

  @Field(() => ScanState, { description: 'How far it is.' })
  get state(): State {
    return this.row.state;
  }

  @Field(() => ScanOutcome, { nullable: true, description: 'What came of it; null: it is not over yet.' })
  get outcome(): Outcome | null {
    return this.row.outcome;
  }

  @Field(() => String, { nullable: true, description: 'Why it failed, or the first thing that was not read.' })
  get reason(): string | null {
    return this.row.reason;
  }

  @Field(() => String, { nullable: true, description: 'What to do about `reason`.' })
  get remedy(): string | null {
    return this.row.remedy;
  }

  @Field(() => [NotRead], { description: 'All that could not be read.' })
  get notRead(): readonly NotRead[] {
    return this.row.not_read;
  }

  @Field(() => [ActionCalls], { description: 'What it asked AWS, by action.' })
  get awsCalls(): ActionCalls[] {
    return Object.entries(this.row.aws_calls).map(([action, calls]) => ({ action, ...calls }));
  }

  @Field(() => Int, { description: 'How many requests it sent to AWS, retries included.' })
  get awsCallCount(): number {
    return this.row.aws_call_count;
  }

  @Field(() => Int, { description: 'How many of them AWS throttled.' })
  get throttledCount(): number {
    return this.row.throttled_count;
  }

  @Field(() => Int, { nullable: true, description: 'How many users, roles, passwords and access keys it saw.' })
  get identityCount(): number | null {
    return this.row.identities;
  }

  @Field(() => Int, { description: 'How many rows of the inventory it changed; an unchanged account changes none.' })
  get rowsWritten(): number {
    return this.row.rows_written;
  }

  @Field(() => DateTime, { description: 'When it was asked for.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it began.' })
  get startedAt(): Date | null {
    return this.row.started_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was over.' })
  get finishedAt(): Date | null {
    return this.row.finished_at;
  }
}

export const ScanConnection = connectionOf(Scan, 'Scan');

@ObjectType({ implements: () => [Node], description: 'A request to scan many accounts, and how far it is.' })
export class Sweep implements Node {
  constructor(readonly row: SweepRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Sweep', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'Who asked for it: a token’s name, or "schedule".' })
  get requestedBy(): string {
    return this.row.requested_by;
  }

  @Field(() => DateTime, { description: 'When it was asked for.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => Boolean, { description: 'Whether every scan of it is over.' })
  get finished(): boolean {
    return this.row.queued + this.row.running === 0;
  }

  @Field(() => Int, { description: 'How many accounts it scans.' })
  get total(): number {
    return this.row.total;
  }

  @Field(() => Int, { description: 'How many wait for a worker.' })
  get queued(): number {
    return this.row.queued;
  }

  @Field(() => Int, { description: 'How many are being scanned.' })
  get running(): number {
    return this.row.running;
  }

  @Field(() => Int, { description: 'How many were read completely.' })
  get complete(): number {
    return this.row.complete;
  }

  @Field(() => Int, { description: 'How many were read in part.' })
  get partial(): number {
    return this.row.partial;
  }

  @Field(() => Int, { description: 'How many could not be read.' })
  get failed(): number {
    return this.row.failed;
  }
}
