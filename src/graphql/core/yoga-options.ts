import { useGraphQlJit } from '@envelop/graphql-jit';
import type { YogaDriverConfig } from '@graphql-yoga/nestjs';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import {
  type DocumentNode,
  type GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Config } from '../../config';
import { Metrics } from '../../observability/metrics.service';
import { orphanedTypes } from '../resolvers';
import { csrfPrevention } from './csrf';
import { endedCredentials } from './ended-credentials';
import { entry } from './entry';
import { explorer } from './explorer';
import { GuardedDriver, type GuardedDriverConfig } from './guarded-driver';
import { maskError } from './mask-error';
import { measured } from './measured-operations';
import { queryLimits } from './query-limits';
import { refusedRequests } from './refusals/refused-requests';
import { Refusals } from './refusals/refusals.service';
import { rateLimits } from './rate-limits';
import { type Initial, RequestContexts } from './request-context';
import { Connections } from './sockets/connections';
import type { SocketRules } from './sockets/socket-server';
import { subscriptionLimit } from './subscription-limit';
import { noSuggestions, withoutSuggestion } from './suggestions';
import { queryOf, trustedQueries } from './trusted-queries';

export const GRAPHQL_PATH = '/graphql';

/** How the API is served: Yoga with compiled queries and limits. */
@Injectable()
export class YogaOptions implements GqlOptionsFactory<YogaDriverConfig> {
  constructor(
    private readonly config: Config,
    private readonly contexts: RequestContexts,
    private readonly metrics: Metrics,
    private readonly refusals: Refusals,
  ) {}

  async createGqlOptions(): Promise<YogaDriverConfig> {
    const { introspection } = this.config;
    const page = this.config.explorer ? await explorer() : undefined;
    const masked = (error: unknown): GraphQLError => {
      const told = maskError(error);
      return introspection ? told : withoutSuggestion(told);
    };
    const options: GuardedDriverConfig = {
      driver: GuardedDriver,
      path: GRAPHQL_PATH,
      autoSchemaFile: true,
      inheritResolversFromInterfaces: true,
      buildSchemaOptions: { orphanedTypes },
      context: async (initial: Initial) => ({ mothball: await this.contexts.open(initial) }),
      plugins: [...this.plugins(), ...(page ? [page.plugin] : [])],
      maskedErrors: { maskError: masked, errorMessage: 'Something went wrong on our side.' },
      ...(page?.options ?? { graphiql: false }),
      landingPage: false,
      cors: false,
      batching: false,
      multipart: false,
      sockets: this.sockets(masked),
    };
    return options;
  }

  private sockets(masked: (error: unknown) => GraphQLError): SocketRules {
    const connections = new Connections(this.contexts);
    return {
      path: GRAPHQL_PATH,
      admit: (initial, close) => connections.admit(initial, close),
      queryOf: (message) => queryOf(message, this.config.trustedDocuments),
      masked,
      refused: (errors, request) => this.refusals.note(errors, request),
    };
  }

  private plugins(): Plugin[] {
    const { introspection, trustedDocuments } = this.config;
    const noIntrospection: Plugin = {
      onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
    };
    return [
      csrfPrevention(),
      refusedRequests(this.refusals),
      ...(trustedDocuments ? [trustedQueries(trustedDocuments)] : []),
      ...(introspection ? [] : [noIntrospection, noSuggestions()]),
      ...queryLimits(),
      measured(this.metrics),
      rateLimits(this.config.signIn),
      entry(),
      subscriptionLimit(),
      endedCredentials(),
      // Written for any envelop, whose plugins know less of the context.
      useGraphQlJit({}, { enableIf: ({ document }) => mayBeCompiled(document) }) as unknown as Plugin,
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
