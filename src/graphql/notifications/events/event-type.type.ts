import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { EventType } from '../../../notifications/catalogue/event-type';
import { LATEST_VERSION } from '../../../notifications/catalogue/index';
import { examplePayload, payloadSchema } from '../../../notifications/catalogue/json-schema';
import { Json } from '../../core/json.scalar';

@ObjectType('EventType', { description: 'A type of events that is published.' })
export class EventTypeEntry {
  constructor(private readonly of: EventType) {}

  @Field(() => String, { description: 'Its name, which never changes: "finding.opened".' })
  get type(): string {
    return this.of.type;
  }

  @Field(() => String, { description: 'When it happens.' })
  get what(): string {
    return this.of.what;
  }

  @Field(() => Int, { description: 'The newest version of its payload.' })
  get version(): number {
    return LATEST_VERSION;
  }

  @Field(() => Json, { description: 'The JSON Schema of the payload in that version.' })
  get schema(): unknown {
    return payloadSchema(this.of, LATEST_VERSION);
  }

  @Field(() => Json, { description: 'A payload as an example.' })
  get example(): unknown {
    return examplePayload(this.of, LATEST_VERSION);
  }
}
