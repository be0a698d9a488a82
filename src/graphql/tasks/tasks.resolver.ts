import { Args, ArgsType, Field, ID, InputType, Mutation, Query, Resolver } from '@nestjs/graphql';
import { TaskQueue } from '../../tasks/task-queue.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { TaskQueries } from './task-queries';
import { Task, TaskConnection, type TaskState, TaskStates } from './task.type';

@InputType('TaskFilter', { description: 'Which tasks; all conditions must hold.' })
class TaskFilterInput {
  @Field(() => [TaskStates], { nullable: true, description: 'In one of these states.' })
  readonly state?: TaskState[] | null;

  @Field(() => [String], { nullable: true, description: 'One of these kinds: "scan-account" …' })
  readonly kind?: string[] | null;
}

@ArgsType()
class TasksArgs extends ScopedConnectionArgs {
  @Field(() => TaskFilterInput, { nullable: true, description: 'Which tasks; left out: all.' })
  readonly filter?: TaskFilterInput | null;
}

@ArgsType()
class TaskArgs extends ActArgs {
  @Field(() => ID, { description: 'The task’s id.' })
  readonly id!: string;
}

@Resolver(() => Task)
export class TasksResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queue: TaskQueue,
    private readonly queries: TaskQueries,
  ) {}

  @Query(() => TaskConnection, { description: 'What must still be done and what was, the newest first.' })
  @Allow('read')
  tasks(@Ask() ask: RequestContext, @Args() args: TasksArgs): Promise<Connection<Task>> {
    const filter = { states: args.filter?.state ?? null, kinds: args.filter?.kind ?? null };
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Task(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Task, { description: 'One task.' })
  @Allow('read')
  task(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The task’s id.' }) id: string,
  ): Promise<Task> {
    return this.read(ask, readIdOf('Task', id, 'id').id);
  }

  @Mutation(() => Task, {
    description:
      'Lets a FAILED task try again. Where the same work is under way already, answers with the task that does it.',
  })
  @Allow('operate')
  async retryTask(@Ask() ask: RequestContext, @Args() args: TaskArgs): Promise<Task> {
    const wanted = readIdOf('Task', args.id, 'id');
    const { id } = await this.acting.inTenant(ask, { operation: 'retryTask', args }, async (manager, tenantId) => ({
      id: await this.queue.retry(manager, tenantId, wanted.id),
    }));
    return this.read(ask, id);
  }

  @Mutation(() => Task, {
    description: 'Calls off a task that is not over; a FAILED one, too. One that is over stays as it is.',
  })
  @Allow('operate')
  async cancelTask(@Ask() ask: RequestContext, @Args() args: TaskArgs): Promise<Task> {
    const { id } = readIdOf('Task', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'cancelTask', args }, async (manager, tenantId) => ({
      cancelled: await this.queue.cancel(manager, tenantId, id),
    }));
    return this.read(ask, id);
  }

  private async read(ask: RequestContext, id: string): Promise<Task> {
    return new Task(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, id)));
  }
}
