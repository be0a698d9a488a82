import { type ApiIdKind, encodeId } from '../../api-id';
import type { Subjects } from './subjects';

/** Things that the catalogue's examples are about. */

export const EXAMPLE_TENANT = '019aab11-7c00-7000-8000-000000000001';
export const EXAMPLE_EVENT = '019aab11-7c00-7000-8000-0000000000ff';

export const exampleId = (kind: ApiIdKind): string =>
  encodeId(kind, EXAMPLE_TENANT, '019aab11-7c00-7000-8000-000000000017');

export const account: Subjects['account']['account'] = {
  id: exampleId('Account'),
  awsAccountId: '111122223333',
  name: 'Payments',
  organizationalUnit: '/Workloads/Production',
};

export const accessKey: Subjects['item']['identity'] = {
  id: exampleId('Identity'),
  kind: 'access-key',
  name: 'ci-deploy/access-key-1',
  arn: 'arn:aws:iam::111122223333:user/ci-deploy',
  uniqueId: 'AKIAIOSFODNN7EXAMPLE',
};

export const role: Subjects['item']['identity'] = {
  id: exampleId('Identity'),
  kind: 'role',
  name: 'etl',
  arn: 'arn:aws:iam::111122223333:role/etl',
  uniqueId: 'AROAIOSFODNN7EXAMPLE',
};

export const plan: Subjects['plan']['plan'] = {
  id: exampleId('Plan'),
  title: 'Delete 3 access keys and 1 role',
  goal: 'deletion',
  dryRun: false,
  mode: 'by-hand',
};
