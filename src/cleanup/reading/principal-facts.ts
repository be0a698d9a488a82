import type { Role, User } from '@aws-sdk/client-iam';
import { parseArn } from '../../aws/arns';
import type { ObservedUser } from '../observed';
import { given, givenDate } from './reader';

type Facts = Pick<
  ObservedUser,
  'partition' | 'awsAccountId' | 'uniqueId' | 'name' | 'path' | 'arn' | 'createdAt' | 'boundaryArn' | 'tags'
>;

/** What `GetUser` and `GetRole` tell of any identity; unlike the lists, both have tags and the boundary. */
export function principalFacts(
  told: Pick<User & Role, 'Arn' | 'Path' | 'CreateDate' | 'PermissionsBoundary' | 'Tags'>,
  naming: { readonly name: string | undefined; readonly uniqueId: string | undefined },
  action: string,
): Facts {
  const arn = given(told.Arn, action);
  const { partition, accountId } = parseArn(arn);
  const boundary = told.PermissionsBoundary;
  return {
    partition,
    awsAccountId: accountId,
    uniqueId: given(naming.uniqueId, action),
    name: given(naming.name, action),
    path: told.Path ?? '/',
    arn,
    createdAt: givenDate(told.CreateDate, action),
    boundaryArn: boundary === undefined ? null : given(boundary.PermissionsBoundaryArn, action),
    tags: Object.fromEntries(
      (told.Tags ?? [])
        .map(({ Key, Value }) => [given(Key, action), Value ?? ''] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
  };
}
