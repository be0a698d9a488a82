import { z } from 'zod';
import { Handles } from './handles';
import { defineTask } from './task-definition';
import { TaskRegistry } from './task-registry.service';

type Discovery = ConstructorParameters<typeof TaskRegistry>[0];

const one = defineTask('one', z.object({}));

@Handles(one, { on: { 'thing.done': () => ({ payload: {} }) } })
class One {
  async run(): Promise<void> {}
}

@Handles(one)
class OneAgain {
  async run(): Promise<void> {}
}

function registryOf(...classes: (new () => unknown)[]): TaskRegistry {
  const providers = classes.map((metatype) => ({ metatype, instance: new metatype() }));
  return new TaskRegistry({ getProviders: () => providers } as unknown as Discovery);
}

describe('the wiring of tasks, proven at start-up', () => {
  test('finds the handler of each declared kind and what it reacts to', () => {
    class Unrelated {}
    const registry = registryOf(Unrelated, One);
    registry.onModuleInit();
    expect(registry.get('one').handler).toBeInstanceOf(One);
    expect(registry.reactionsTo('thing.done').map(({ definition }) => definition.kind)).toEqual(['one']);
    expect(registry.reactionsTo('thing.else')).toEqual([]);
    expect(() => registry.get('two')).toThrow('No handler for the task kind "two"');
  });

  test('refuses a kind that has two handlers', () => {
    expect(() => registryOf(One, OneAgain).onModuleInit()).toThrow('The task kind "one" has two handlers.');
  });

  test('refuses a kind that is not kebab-case', () => {
    expect(() => defineTask('Two', z.object({}))).toThrow('kebab-case');
  });
});
