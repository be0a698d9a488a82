import { Context } from '@nestjs/graphql';

/** The `RequestContext` of the request, as a resolver's parameter. */
export const Ask = (): ParameterDecorator => Context('mothball');
