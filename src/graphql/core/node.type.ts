import { Field, ID, InterfaceType } from '@nestjs/graphql';

@InterfaceType('Node', {
  description: 'Whatever has an id in this API.',
  // Classes are named as their types are.
  resolveType: (node: object) => node.constructor.name,
})
export abstract class Node {
  @Field(() => ID, { description: 'Its id in this API.' })
  abstract readonly id: string;
}
