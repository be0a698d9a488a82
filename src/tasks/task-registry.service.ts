import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type HandlesOptions, handlingOf, type Reaction, type TaskHandler } from './handles';
import type { TaskDefinition } from './task-definition';

export interface RegisteredTask {
  readonly definition: TaskDefinition;
  readonly options: HandlesOptions;
  readonly handler: TaskHandler;
}

/** Which provider does which kind of work: one for each kind, or the process does not start. */
@Injectable()
export class TaskRegistry implements OnModuleInit {
  private readonly tasks = new Map<string, RegisteredTask>();
  private readonly reactions = new Map<string, { definition: TaskDefinition; react: Reaction<object> }[]>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const { metatype, instance } of this.discovery.getProviders()) {
      const handling = handlingOf(metatype);
      if (handling) this.register({ ...handling, handler: instance as TaskHandler });
    }
  }

  /** Throws for a kind that nobody handles. */
  get(kind: string): RegisteredTask {
    const task = this.tasks.get(kind);
    if (!task)
      throw new Error(`No handler for the task kind "${kind}": add the class with @Handles to its module's providers.`);
    return task;
  }

  has(kind: string): boolean {
    return this.tasks.has(kind);
  }

  reactionsTo(eventType: string): readonly { definition: TaskDefinition; react: Reaction<object> }[] {
    return this.reactions.get(eventType) ?? [];
  }

  private register(task: RegisteredTask): void {
    const { kind } = task.definition;
    if (this.tasks.has(kind)) throw new Error(`The task kind "${kind}" has two handlers.`);
    this.tasks.set(kind, task);
    for (const [type, react] of Object.entries(task.options.on ?? {})) {
      const known = this.reactions.get(type) ?? [];
      this.reactions.set(type, [...known, { definition: task.definition, react }]);
    }
  }
}
