import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import { CloseCode, type Context, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Initial, RequestContext } from '../request-context';
import type { SocketRules } from './socket-server';

const LAST_WORDS_MS = 50;

export interface Connected {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Gives back what `admit` took. */
  leave?: () => void;
}

type Params = Record<string, unknown>;
type Protocol = ServerOptions<Params, Connected>;
type At = Context<Params, Connected>;
type Answer = ExecutionResult | AsyncIterable<ExecutionResult>;

/** What is used of Yoga: its plugins, in the order of a request. */
export interface Yoga {
  getEnveloped(initial: object): {
    readonly schema: ExecutionArgs['schema'];
    readonly parse: (query: string) => ExecutionArgs['document'];
    readonly validate: (
      schema: ExecutionArgs['schema'],
      document: ExecutionArgs['document'],
    ) => readonly GraphQLError[];
    readonly contextFactory: () => Promise<object> | object;
    readonly execute: (args: ExecutionArgs) => Promise<Answer> | Answer;
    readonly subscribe: (args: ExecutionArgs) => Promise<Answer> | Answer;
  };
}

interface Enveloped extends ExecutionArgs {
  readonly contextValue: { readonly run: (args: ExecutionArgs, how: 'execute' | 'subscribe') => Promise<Answer> };
}

/** How connections and operations are treated, on top of the protocol. */
export function operations(yoga: Yoga, rules: SocketRules): Protocol {
  const tell = (errors: readonly GraphQLError[], context: At, params: SubscribePayload, args?: ExecutionArgs): void => {
    const { mothball: ask } = (args?.contextValue ?? {}) as { readonly mothball?: RequestContext };
    rules.refused(errors, { initial: initialOf(context), ask, params });
  };
  return {
    onConnect: async (context) => {
      try {
        const leave = await rules.admit(initialOf(context), () => closeSoon(context.extra.socket));
        if (leave) context.extra.leave = leave;
        return leave !== null;
      } catch (error) {
        throw rules.masked(error);
      }
    },
    onClose: ({ extra }) => extra.leave?.(),
    onSubscribe: async (context, _id, message) => {
      try {
        return await prepare(yoga, initialOf(context), { ...message, query: rules.queryOf(message) }, rules);
      } catch (error) {
        // Syntax, limits, a token that has ended: an answer to this operation, not the end of the connection.
        return [rules.masked(error)];
      }
    },
    execute: (args) => (args as Enveloped).contextValue.run(args, 'execute') as Promise<ExecutionResult>,
    subscribe: (args) => (args as Enveloped).contextValue.run(args, 'subscribe') as Promise<ExecutionResult>,
    onNext: (context, _id, message, args, result) => {
      if (!result.errors) return undefined;
      tell(result.errors, context, message, args);
      return { ...result, errors: result.errors.map(forSockets) } as FormattedExecutionResult;
    },
    onError: (context, _id, message, errors) => {
      tell(errors, context, message);
      return errors.map((error) => forSockets(error));
    },
  };
}

/** After what its operations still have to say. */
const closeSoon = (socket: WebSocket): void => {
  setTimeout(() => socket.close(CloseCode.Forbidden, 'Your sign-in has ended.'), LAST_WORDS_MS).unref();
};

const initialOf = ({ connectionParams, extra }: At): Initial => ({
  req: extra.request,
  connectionParams: connectionParams ?? null,
});

async function prepare(
  yoga: Yoga,
  initial: Initial,
  params: SubscribePayload,
  rules: SocketRules,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({ ...initial, params });
  const document = parse(params.query);
  const errors = validate(schema, document);
  if (errors.length > 0) return errors;
  const run = async (args: ExecutionArgs, how: 'execute' | 'subscribe'): Promise<Answer> => {
    try {
      return await (how === 'execute' ? execute(args) : subscribe(args));
    } catch (error) {
      return { errors: [rules.masked(error)] };
    }
  };
  return {
    schema,
    document,
    operationName: params.operationName ?? null,
    variableValues: params.variables ?? null,
    contextValue: Object.assign(await contextFactory(), { run }),
  };
}

/** What HTTP would say in its status means nothing here. */
function forSockets(error: GraphQLError): ReturnType<GraphQLError['toJSON']> {
  const { http: _http, ...extensions } = error.extensions;
  return { ...new GraphQLError(error.message, { extensions }).toJSON(), ...(error.path ? { path: error.path } : {}) };
}
