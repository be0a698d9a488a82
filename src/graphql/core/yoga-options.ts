import { useGraphQlJit } from '@envelop/graphql-jit';
import type { YogaDriverConfig } from '@graphql-yoga/nestjs';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import { type DocumentNode, Kind, NoSchemaIntrospectionCustomRule, OperationTypeNode } from 'graphql';
import type { Context as SocketContext } from 'graphql-ws';
import type { Plugin } from 'graphql-yoga';
import { Config } from '../../config';
import { Metrics } from '../../observability/metrics.service';
import { orphanedTypes } from '../resolvers';
import { GuardedDriver } from './guarded-driver';
import { maskError } from './mask-error';
import { measured } from './measured-operations';
import { queryLimits } from './query-limits';
import { type Initial, RequestContexts } from './request-context';

export const GRAPHQL_PATH = '/graphql';

const EXAMPLE = `# First, under Headers: { "Authorization": "Bearer mothball_…" }
{
  findings(first: 20, filter: { status: OPEN }) {
    totalCount
    nodes {
      severity
      idleDays
      why
      check { title }
      account { awsAccountId name }
      identity { __typename name arn }
    }
  }
}`;

/** How the API is served: Yoga with compiled queries and limits. */
@Injectable()
export class YogaOptions implements GqlOptionsFactory<YogaDriverConfig> {
  constructor(
    private readonly config: Config,
    private readonly contexts: RequestContexts,
    private readonly metrics: Metrics,
  ) {}

  async createGqlOptions(): Promise<YogaDriverConfig> {
    return {
      driver: GuardedDriver,
      path: GRAPHQL_PATH,
      autoSchemaFile: true,
      inheritResolversFromInterfaces: true,
      buildSchemaOptions: { orphanedTypes },
      context: async (initial: Initial) => ({ mothball: await this.contexts.open(initial) }),
      plugins: this.plugins(),
      maskedErrors: { maskError: (error) => maskError(error), errorMessage: 'Something went wrong on our side.' },
      ...(this.config.explorer ? await explorer() : { graphiql: false }),
      landingPage: false,
      cors: false,
      batching: false,
      subscriptions: {
        'graphql-ws': {
          // A token that is no good ends the connection (4403), so that clients notice before they subscribe.
          onConnect: async ({ connectionParams, extra }: SocketContext) => {
            const { request } = extra as { readonly request: NonNullable<Initial['req']> };
            try {
              return await this.contexts.mayConnect({ req: request, connectionParams: connectionParams ?? null });
            } catch (error) {
              // What is thrown here goes to the caller as it is.
              throw maskError(error);
            }
          },
        },
      },
    };
  }

  private plugins(): Plugin[] {
    const noIntrospection: Plugin = {
      onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
    };
    return [
      ...(this.config.introspection ? [] : [noIntrospection]),
      ...queryLimits(),
      // Written for any envelop, whose plugins know less of the context.
      useGraphQlJit({}, { enableIf: ({ document }) => mayBeCompiled(document) }) as unknown as Plugin,
      measured(this.metrics),
    ];
  }
}

/**
 * The compiler remembers its work by document alone, so of a document with several operations it would run whichever
 * came first, a mutation for a query; and it gives a subscription the operation's variables in place of the arguments.
 */
function mayBeCompiled({ definitions }: DocumentNode): boolean {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return operations.length === 1 && operations[0]?.operation !== OperationTypeNode.SUBSCRIPTION;
}

/** The explorer comes from this server alone: a page that is given tokens loads nothing from elsewhere. 9 MB, so only where wanted. */
async function explorer(): Promise<Pick<YogaDriverConfig, 'graphiql' | 'renderGraphiQL'>> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return { graphiql: { title: 'Mothball', defaultQuery: EXAMPLE }, renderGraphiQL };
}
