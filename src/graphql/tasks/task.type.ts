import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';

export const TaskStates = {
  WAITING: 'waiting',
  ADMITTED: 'admitted',
  RUNNING: 'running',
  DONE: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const;

export type TaskState = (typeof TaskStates)[keyof typeof TaskStates];

registerEnumType(TaskStates, {
  name: 'TaskState',
  description: 'How far a task is.',
  valuesMap: {
    WAITING: { description: 'Waits until it is due, and for its turn.' },
    ADMITTED: { description: 'Handed over to the workers.' },
    RUNNING: { description: 'A worker does it.' },
    DONE: { description: 'Over.' },
    FAILED: { description: 'Parked with its error, until somebody retries or cancels it.' },
    CANCELLED: { description: 'Called off.' },
  },
});

export interface TaskRow {
  tenant_id: string;
  id: string;
  kind: string;
  state: TaskState;
  attempts: number;
  error_code: string | null;
  error_message: string | null;
  due_at: Date;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

@ObjectType({ implements: () => [Node], description: 'Something that must still be done, or was.' })
export class Task implements Node {
  constructor(readonly row: TaskRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Task', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'What it does: "scan-account", "sync-organization" …' })
  get kind(): string {
    return this.row.kind;
  }

  @Field(() => TaskStates, { description: 'How far it is.' })
  get state(): TaskState {
    return this.row.state;
  }

  @Field(() => Int, { description: 'How often it was tried.' })
  get attempts(): number {
    return this.row.attempts;
  }

  @Field(() => String, { nullable: true, description: 'The code of the last error.' })
  get errorCode(): string | null {
    return this.row.error_code;
  }

  @Field(() => String, { nullable: true, description: 'The last error.' })
  get errorMessage(): string | null {
    return this.row.error_message;
  }

  @Field(() => DateTime, { description: 'Not before this time.' })
  get dueAt(): Date {
    return this.row.due_at;
  }

  @Field(() => DateTime, { description: 'When it was asked for.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it last began.' })
  get startedAt(): Date | null {
    return this.row.started_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was over.' })
  get finishedAt(): Date | null {
    return this.row.finished_at;
  }
}

export const TaskConnection = connectionOf(Task, 'Task');
