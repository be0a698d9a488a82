import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { DomainError } from '../../errors';
import { maskError } from './mask-error';
import type { RequestContext } from './request-context';

/** Ends a subscription, with the reason, as soon as the credential it was opened with is good no more. */
export function endedCredentials(): Plugin {
  return {
    onSubscribe: ({ args }) => {
      const { mothball } = (args as ExecutionArgs).contextValue as { readonly mothball: RequestContext };
      return {
        onSubscribeResult: ({ result, setResult }) => {
          if (Symbol.asyncIterator in result) setResult(untilEnded(result, mothball));
        },
      };
    },
  };
}

type Result = { readonly done: true; readonly value: undefined } | { readonly done?: false; readonly value: unknown };

function untilEnded(source: AsyncIterable<unknown>, ask: RequestContext): AsyncIterableIterator<never> {
  const values = source[Symbol.asyncIterator]();
  let tell = (_reason: DomainError): void => {};
  const ended = new Promise<DomainError>((resolve) => (tell = resolve));
  let isOver = false;
  const stop = ask.whenEnded((reason) => tell(reason));
  const close = async (): Promise<Result> => {
    isOver = true;
    stop();
    // Not waited for: a generator only ends when what it waits for has come.
    Promise.resolve(values.return?.()).catch(() => {});
    return { done: true, value: undefined };
  };
  const next = async (): Promise<Result> => {
    if (isOver) return { done: true, value: undefined };
    const first = await Promise.race([values.next(), ended.then((reason) => ({ reason }))]);
    if ('reason' in first) {
      await close();
      return { value: { errors: [maskError(first.reason)] } };
    }
    if (first.done === true) return close();
    return { value: first.value };
  };
  const guarded = { next, return: close, [Symbol.asyncIterator]: () => guarded };
  return guarded as unknown as AsyncIterableIterator<never>;
}
