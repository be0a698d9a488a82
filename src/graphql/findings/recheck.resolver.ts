import { Args, ArgsType, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import { recheckFinding } from '../../findings/recheck-finding.task';
import { TaskQueue } from '../../tasks/task-queue.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { TaskQueries } from '../tasks/task-queries';
import { RecheckTargets } from './recheck-targets.service';
import { Task } from '../tasks/task.type';

@ArgsType()
class RecheckFindingArgs extends ActArgs {
  @Field(() => ID, { description: 'The finding’s id.' })
  readonly id!: string;
}

@Resolver()
export class RecheckResolver {
  constructor(
    private readonly acting: Acting,
    private readonly queue: TaskQueue,
    private readonly targets: RecheckTargets,
    private readonly tasks: TaskQueries,
    private readonly scope: ReadScope,
  ) {}

  @Mutation(() => Task, {
    description:
      'Has the finding’s user (with its credentials) or role read directly from IAM, not from the report, and judged again. Answers with the task that does it.',
  })
  @Allow('operate')
  async recheckFinding(@Ask() ask: RequestContext, @Args() args: RecheckFindingArgs): Promise<Task> {
    const { id } = readIdOf('Finding', args.id, 'id');
    const { task } = await this.acting.inTenant(
      ask,
      { operation: 'recheckFinding', args },
      async (manager, tenantId) => {
        const { payload, lane } = await this.targets.of({ manager, tenantId }, id);
        const dedupeKey = payload.principalId;
        return {
          task: await this.queue.enqueue(manager, {
            ...{ tenantId, task: recheckFinding, payload, lane, dedupeKey },
            priority: 'urgent',
          }),
        };
      },
    );
    return new Task(await this.scope.read(ask.principal, (reader) => this.tasks.byId(reader, task)));
  }
}
