import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RunningTask } from '../../../tasks/running-task';
import type { OpenedConnection } from '../connections/open-connections.service';
import { TicketRecords } from '../ticket-records.service';
import type { RemoteTicket } from '../ticket-system';
import type { Remark } from './next-step';
import { remarkWords } from './remarks';
import type { Scene } from './scene.service';
import { type Sent, StepRunner } from './step-runner.service';
import { TicketWords } from './ticket-words.service';

export type Sendable = 'find' | 'read' | 'create' | 'update' | 'close' | 'reopen' | 'comment';

const CANNOT_REOPEN = 'It could not be opened again there; another ticket follows it.';

/** Steps that ask the other system: each one request, and what its answer changes. */
@Injectable()
export class RemoteSteps {
  constructor(
    private readonly runner: StepRunner,
    private readonly records: TicketRecords,
    private readonly words: TicketWords,
  ) {}

  async read(
    task: RunningTask,
    { system, open }: OpenedConnection,
    { row }: Scene,
  ): Promise<Sent<RemoteTicket | null>> {
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'read', intent: 'What became of it there.' },
      request: () => system.read(open, row.remote_id ?? ''),
      settle: async (manager, remote) => {
        if (remote === null) return 'nothing';
        await this.records.heard(manager, row, remote);
      },
    });
  }

  async find(task: RunningTask, { system, open }: OpenedConnection, { row, known }: Scene): Promise<Sent<unknown>> {
    const intent = known.unsure
      ? 'Whether the create whose answer was lost has made it.'
      : 'Whether it is there already.';
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'find', intent },
      request: () => system.find(open, row.key),
      settle: async (manager, remote) => {
        if (remote === null) return 'nothing';
        // What it says there is not known: it is written anew.
        await this.records.opened(manager, row, remote, null);
      },
    });
  }

  async create(task: RunningTask, { system, open }: OpenedConnection, scene: Scene): Promise<Sent<unknown>> {
    const { row, wanted } = scene;
    const content = await this.words.content(scene);
    if (content === null) throw new Error('A ticket is opened for findings.');
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'create', intent: content.title },
      request: () => system.create(open, content),
      settle: async (manager, remote) => this.records.opened(manager, row, remote, wanted.hash),
    });
  }

  async update(task: RunningTask, { system, open }: OpenedConnection, scene: Scene): Promise<Sent<unknown>> {
    const { row, wanted } = scene;
    const content = await this.words.content(scene);
    if (content === null) throw new Error('A ticket is changed for findings.');
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'update', intent: content.title },
      request: () => system.update(open, row.remote_id ?? '', content),
      settle: (manager, remote) =>
        this.records.heard(manager, row, remote, { ours: 'open', written_hash: wanted.hash }),
    });
  }

  async close(
    task: RunningTask,
    { system, open, row: connection }: OpenedConnection,
    { row }: Scene,
  ): Promise<Sent<unknown>> {
    const why = await this.words.whyClosed(connection, row);
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'close', intent: why },
      request: () => system.close(open, row.remote_id ?? row.key, why),
      settle: (manager, remote) =>
        this.records.heard(manager, row, remote, {
          ...{ ours: 'closed', closing: null, reaction: null, state_why: why },
          ...(row.remote_id === null ? { state: 'closed' } : {}),
        }),
    });
  }

  async reopen(task: RunningTask, { system, open }: OpenedConnection, { row, facts }: Scene): Promise<Sent<unknown>> {
    const count = facts?.count ?? 0;
    const text = `Mothball opens this ticket again: ${count === 1 ? 'one finding is' : `${count} findings are`} open.`;
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'reopen', intent: text },
      request: () => system.reopen(open, row.remote_id ?? '', text),
      settle: async (manager, remote) => {
        if (remote === null) {
          await this.records.succeed(manager, row, CANNOT_REOPEN);
          return 'nothing';
        }
        await this.records.heard(manager, row, remote, { ours: 'open', written_hash: null, reaction: null });
      },
    });
  }

  async comment(
    task: RunningTask,
    { system, open }: OpenedConnection,
    { row, facts }: Scene,
    remark: Remark,
  ): Promise<Sent<unknown>> {
    const text = remarkWords(remark, facts);
    return this.runner.send(task, {
      ...{ ticket: row, system: system.id, kind: 'comment', intent: text },
      request: () => system.comment(open, row.remote_id ?? '', text),
      settle: (manager: EntityManager) =>
        this.records.change(manager, row, {
          reaction: 'told',
          ...(remark === 'opened-for-nothing' ? { closing: 'opened' } : {}),
        }),
    });
  }
}
