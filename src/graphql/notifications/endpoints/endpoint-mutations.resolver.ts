import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { readIdOf } from '../../../api-id';
import { notFound } from '../../../errors';
import { EndpointPreparation } from '../../../notifications/endpoints/endpoint-preparation.service';
import { Endpoints } from '../../../notifications/endpoints/endpoints.service';
import { type ActArgs, Acting } from '../../core/acting';
import { Allow } from '../../core/allow';
import { Answering, type WorkOnOne } from '../../core/answering';
import { Ask } from '../../core/ask';
import { RequestContext } from '../../core/request-context';
import { EndpointById } from './endpoint-batches';
import {
  ChangeEndpointArgs,
  CreateEndpointArgs,
  EndpointArgs,
  RotateEndpointSecretArgs,
  toEndpointChange,
  toEndpointRequest,
} from './endpoint.input';
import { Endpoint, EndpointWithSecret } from './endpoint.type';

/** Who is told what. What asks the network comes before the transaction, in `prepare…`. */
@Resolver()
export class EndpointMutationsResolver {
  constructor(
    private readonly answering: Answering,
    private readonly acting: Acting,
    private readonly preparation: EndpointPreparation,
    private readonly endpoints: Endpoints,
    private readonly byId: EndpointById,
  ) {}

  @Mutation(() => EndpointWithSecret, {
    description:
      'Makes an endpoint: from now on it is told what it asks for. Its secret is in this answer and in no other one. `sendTestEvent` tries it.',
  })
  @Allow('manage-notifications')
  async createEndpoint(@Ask() ask: RequestContext, @Args() args: CreateEndpointArgs): Promise<EndpointWithSecret> {
    const request = toEndpointRequest(args.input);
    const prepared = await this.preparation.prepare(this.acting.tenantOf(ask.principal, args.tenant), request);
    let secret: string | null = null;
    const endpoint = await this.answer(ask, 'createEndpoint', args, async (manager, tenantId) => {
      const made = await this.endpoints.create(manager, tenantId, prepared, ask.principal);
      ({ secret } = made);
      return made.id;
    });
    return { endpoint, secret };
  }

  @Mutation(() => Endpoint, {
    description: 'Changes an endpoint. What waits is sent to where it is then; what it asks for counts from now on.',
  })
  @Allow('manage-notifications')
  async changeEndpoint(@Ask() ask: RequestContext, @Args() args: ChangeEndpointArgs): Promise<Endpoint> {
    const { id } = readIdOf('Endpoint', args.id, 'id');
    const present = await ask.load(this.byId, id);
    if (!present) throw notFound('The endpoint');
    const change = toEndpointChange(args.input, present.row.channel);
    const tenant = this.acting.tenantOf(ask.principal, args.tenant);
    const prepared = await this.preparation.prepareChange(tenant, id, change);
    return this.answer(ask, 'changeEndpoint', args, async (manager, tenantId) => {
      await this.endpoints.change(manager, tenantId, id, prepared);
      return id;
    });
  }

  @Mutation(() => Endpoint, {
    description: 'Sends nothing to an endpoint until it is resumed: what it asks for waits.',
  })
  @Allow('manage-notifications')
  pauseEndpoint(@Ask() ask: RequestContext, @Args() args: EndpointArgs): Promise<Endpoint> {
    return this.act(ask, 'pauseEndpoint', args, (manager, tenantId, id) => this.endpoints.pause(manager, tenantId, id));
  }

  @Mutation(() => Endpoint, {
    description:
      'Sends again to an endpoint that was paused or disabled. What failed while it was disabled is sent by `replayDeliveries`.',
  })
  @Allow('manage-notifications')
  resumeEndpoint(@Ask() ask: RequestContext, @Args() args: EndpointArgs): Promise<Endpoint> {
    return this.act(ask, 'resumeEndpoint', args, (manager, tenantId, id) =>
      this.endpoints.resume(manager, tenantId, id),
    );
  }

  @Mutation(() => EndpointWithSecret, {
    description:
      'Makes a new secret, shown in this answer only. For 24 hours messages carry both signatures, so that receivers can change over at any moment. Slack: gives it a new address, at once.',
  })
  @Allow('manage-notifications')
  async rotateEndpointSecret(
    @Ask() ask: RequestContext,
    @Args() args: RotateEndpointSecretArgs,
  ): Promise<EndpointWithSecret> {
    const { id } = readIdOf('Endpoint', args.id, 'id');
    const tenant = this.acting.tenantOf(ask.principal, args.tenant);
    const prepared = await this.preparation.prepareRotation(tenant, id, args.url ?? undefined);
    let secret: string | null = null;
    const endpoint = await this.answer(ask, 'rotateEndpointSecret', args, async (manager, tenantId) => {
      ({ secret } = await this.endpoints.rotateSecret(manager, tenantId, id, prepared));
      return id;
    });
    return { endpoint, secret };
  }

  @Mutation(() => Endpoint, {
    description:
      'Removes an endpoint. What waits for it is cancelled; what was sent can be looked at until it is pruned.',
  })
  @Allow('manage-notifications')
  removeEndpoint(@Ask() ask: RequestContext, @Args() args: EndpointArgs): Promise<Endpoint> {
    return this.act(ask, 'removeEndpoint', args, (manager, tenantId, id) =>
      this.endpoints.remove(manager, tenantId, id),
    );
  }

  private act(
    ask: RequestContext,
    operation: string,
    args: EndpointArgs,
    work: (manager: EntityManager, tenantId: string, id: string) => Promise<unknown>,
  ): Promise<Endpoint> {
    const { id } = readIdOf('Endpoint', args.id, 'id');
    return this.answer(ask, operation, args, async (manager, tenantId) => {
      await work(manager, tenantId, id);
      return id;
    });
  }

  /** With the endpoint as it is afterwards. */
  private answer(ask: RequestContext, operation: string, args: ActArgs, work: WorkOnOne): Promise<Endpoint> {
    return this.answering.after(ask, { operation, args, byId: this.byId, called: 'The endpoint' }, work);
  }
}
