import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { readIdOf } from '../../../api-id';
import { TicketConnections } from '../../../notifications/tickets/connections/ticket-connections.service';
import { type ActArgs, Acting } from '../../core/acting';
import { Allow } from '../../core/allow';
import { Answering, type WorkOnOne } from '../../core/answering';
import { Ask } from '../../core/ask';
import { RequestContext } from '../../core/request-context';
import { TicketSystemById } from './ticket-batches';
import {
  ChangeTicketConnectionArgs,
  CreateTicketConnectionArgs,
  RemoveTicketConnectionArgs,
  RotateTicketConnectionSecretArgs,
  TicketConnectionArgs,
  toConnectionChange,
  toConnectionRequest,
} from './ticket-system.input';
import { TicketSystem, TicketSystemWithSecret } from './ticket-system.type';

type Work = (manager: EntityManager, tenantId: string, id: string) => Promise<unknown>;

/** Where tickets are opened. What asks the network comes before the transaction, in `prepare…`, or is a task. */
@Resolver()
export class TicketSystemMutationsResolver {
  constructor(
    private readonly answering: Answering,
    private readonly acting: Acting,
    private readonly connections: TicketConnections,
    private readonly byId: TicketSystemById,
  ) {}

  @Mutation(() => TicketSystemWithSecret, {
    description:
      'Makes a connection to a ticketing system, as a draft: `testTicketConnection`, `ticketConnectionPreview`, then `activateTicketConnection`. The secret for what comes in is in this answer and in no other one.',
  })
  @Allow('manage-notifications')
  async createTicketConnection(
    @Ask() ask: RequestContext,
    @Args() args: CreateTicketConnectionArgs,
  ): Promise<TicketSystemWithSecret> {
    const tenant = this.acting.tenantOf(ask.principal, args.tenant);
    const prepared = await this.connections.prepare(tenant, toConnectionRequest(args.input));
    let inboundSecret: string | null = null;
    const connection = await this.answer(ask, 'createTicketConnection', args, async (manager, tenantId) => {
      const made = await this.connections.create(manager, tenantId, prepared, ask.principal);
      ({ inboundSecret } = made);
      return made.id;
    });
    return { connection, inboundSecret };
  }

  @Mutation(() => TicketSystem, {
    description:
      'Changes a connection. With other settings or another credential it is a draft again until another test ticket has proven them.',
  })
  @Allow('manage-notifications')
  async changeTicketConnection(
    @Ask() ask: RequestContext,
    @Args() args: ChangeTicketConnectionArgs,
  ): Promise<TicketSystem> {
    const { id } = readIdOf('TicketConnection', args.id, 'id');
    const tenant = this.acting.tenantOf(ask.principal, args.tenant);
    const prepared = await this.connections.prepareChange(tenant, id, toConnectionChange(args.input));
    return this.act(ask, 'changeTicketConnection', args, (manager, tenantId) =>
      this.connections.change(manager, tenantId, id, prepared),
    );
  }

  @Mutation(() => TicketSystem, {
    description:
      'Proves a connection: looks at rights and fields, opens a test ticket, changes, comments and closes it. See its `test`, which is RUNNING at first.',
  })
  @Allow('manage-notifications')
  testTicketConnection(@Ask() ask: RequestContext, @Args() args: TicketConnectionArgs): Promise<TicketSystem> {
    return this.act(ask, 'testTicketConnection', args, (manager, tenantId, id) =>
      this.connections.test(manager, tenantId, id),
    );
  }

  @Mutation(() => TicketSystem, {
    description:
      'Puts a connection in force: tickets are opened for the findings that its filter takes in, at most `dailyCap` a day. Refused until a test ticket has proven its settings as they are.',
  })
  @Allow('manage-notifications')
  activateTicketConnection(@Ask() ask: RequestContext, @Args() args: TicketConnectionArgs): Promise<TicketSystem> {
    return this.act(ask, 'activateTicketConnection', args, (manager, tenantId, id) =>
      this.connections.activate(manager, tenantId, id),
    );
  }

  @Mutation(() => TicketSystem, { description: 'Leaves tickets as they are until the connection is resumed.' })
  @Allow('manage-notifications')
  pauseTicketConnection(@Ask() ask: RequestContext, @Args() args: TicketConnectionArgs): Promise<TicketSystem> {
    return this.act(ask, 'pauseTicketConnection', args, (manager, tenantId, id) =>
      this.connections.pause(manager, tenantId, id),
    );
  }

  @Mutation(() => TicketSystem, {
    description:
      'Goes on with a connection that was paused, or disabled and mended since: all of its tickets are brought up to date.',
  })
  @Allow('manage-notifications')
  resumeTicketConnection(@Ask() ask: RequestContext, @Args() args: TicketConnectionArgs): Promise<TicketSystem> {
    return this.act(ask, 'resumeTicketConnection', args, (manager, tenantId, id) =>
      this.connections.resume(manager, tenantId, id),
    );
  }

  @Mutation(() => TicketSystemWithSecret, {
    description:
      'Gives a connection another secret for what comes in, at once: until the system signs with it, its messages are refused, and what they said is found out within a day.',
  })
  @Allow('manage-notifications')
  async rotateTicketConnectionSecret(
    @Ask() ask: RequestContext,
    @Args() args: RotateTicketConnectionSecretArgs,
  ): Promise<TicketSystemWithSecret> {
    let inboundSecret: string | null = null;
    const connection = await this.act(ask, 'rotateTicketConnectionSecret', args, async (manager, tenantId, id) => {
      const given = args.inboundSecret ?? undefined;
      ({ inboundSecret } = await this.connections.rotateInboundSecret(manager, tenantId, id, given));
    });
    return { connection, inboundSecret };
  }

  @Mutation(() => TicketSystem, {
    description:
      'Removes a connection and forgets its credential. Its tickets stay in the other system, open or, where that was asked for, closed first.',
  })
  @Allow('manage-notifications')
  removeTicketConnection(@Ask() ask: RequestContext, @Args() args: RemoveTicketConnectionArgs): Promise<TicketSystem> {
    const { closeTickets } = args;
    return this.act(ask, 'removeTicketConnection', args, (manager, tenantId, id) =>
      this.connections.remove(manager, tenantId, id, { closeTickets }),
    );
  }

  private act(ask: RequestContext, operation: string, args: TicketConnectionArgs, work: Work): Promise<TicketSystem> {
    const { id } = readIdOf('TicketConnection', args.id, 'id');
    return this.answer(ask, operation, args, async (manager, tenantId) => {
      await work(manager, tenantId, id);
      return id;
    });
  }

  /** With the connection as it is afterwards. */
  private answer(ask: RequestContext, operation: string, args: ActArgs, work: WorkOnOne): Promise<TicketSystem> {
    return this.answering.after(ask, { operation, args, byId: this.byId, called: 'The connection' }, work);
  }
}
