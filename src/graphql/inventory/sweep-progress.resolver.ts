import { Args, ID, Resolver, Subscription } from '@nestjs/graphql';
import { SweepsService } from '../../scans/sweeps.service';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Changes } from './changes.service';
import { Sweep } from './scan.type';

@Resolver(() => Sweep)
export class SweepProgressResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly sweeps: SweepsService,
    private readonly changes: Changes,
  ) {}

  @Subscription(() => Sweep, {
    description:
      'The sweep now, and again whenever it has moved on, a few times a second at most; ends when it is finished.',
    resolve: (sweep: Sweep) => sweep,
  })
  @Allow('read')
  async sweepProgress(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The sweep’s id.' }) id: string,
  ): Promise<AsyncIterableIterator<Sweep>> {
    const wanted = readIdOf('Sweep', id, 'id');
    const look = async (): Promise<Sweep> => {
      await ask.mustStillBeValid();
      return new Sweep(await this.scope.read(ask.principal, (reader) => this.sweeps.byId(reader, wanted.id)));
    };
    // Looked at before anything is answered, so that a sweep that is not there is refused at once.
    return this.follow(await look(), look);
  }

  private async *follow(first: Sweep, look: () => Promise<Sweep>): AsyncGenerator<Sweep> {
    const { tenant_id: tenantId } = first.row;
    const watch = await this.changes.watch(tenantId);
    try {
      let sweep = first;
      for (;;) {
        yield sweep;
        if (sweep.finished) return;
        const before = JSON.stringify(sweep.row);
        do {
          await watch.next();
          sweep = await look();
        } while (JSON.stringify(sweep.row) === before);
      }
    } finally {
      watch.end();
    }
  }
}
