import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { Allow } from './core/allow';
import { readId } from '../api-id';
import { Ask } from './core/ask';
import { Node } from './core/node.type';
import { RequestContext } from './core/request-context';
import { badInput, notFound } from '../errors';
import { NodeBatches } from './node-batches.service';

@Resolver()
export class NodeResolver {
  constructor(private readonly batches: NodeBatches) {}

  @Query(() => Node, { description: 'Whatever has this id.' })
  @Allow('read')
  async node(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'An id that this API gave.' }) id: string,
  ): Promise<Node> {
    const { kind, id: wanted } = readId(id, 'id');
    const batch = this.batches.of(kind);
    if (!batch) throw badInput(`id: a ${kind} cannot be asked for by "node"; use its own field.`);
    const node = await ask.load(batch, wanted);
    if (!node) throw notFound(`The ${kind}`);
    return node;
  }
}
