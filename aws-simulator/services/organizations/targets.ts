import { actions } from '../../authorization/actions';
import { AwsError } from '../../protocol/aws-error';
import type { SimOrganization } from '../../world/model';
import type { JsonInput, OrganizationsCall } from './organizations';

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInputException', message);

export function optionalText(input: JsonInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidInput(`${name} must be a string.`);
  return value;
}

/** A required string of the given form. Throws `InvalidInputException`. */
export function text(input: JsonInput, name: string, pattern: RegExp): string {
  const value = optionalText(input, name);
  if (value === undefined) throw invalidInput(`You must provide a value for ${name}.`);
  if (!pattern.test(value))
    throw invalidInput(`You provided a value that does not match the required pattern: ${name}.`);
  return value;
}

export const ACCOUNT_ID = /^\d{12}$/;
export const UNIT_ID = /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/;
export const PARENT_ID = /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/;
export const CHILD_ID = /^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/;
export const RESOURCE_ID = /^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/;

type OrganizationAt = { organization: SimOrganization; partition: string };

export const at = ({ simulation }: OrganizationsCall): OrganizationAt => ({
  organization: simulation.world.organization,
  partition: simulation.world.settings.partition,
});

const arn = ({ organization, partition }: OrganizationAt, resource: string): string =>
  `arn:${partition}:organizations::${organization.managementAccountId}:${resource}`;

export const organizationArn = (where: OrganizationAt): string => arn(where, `organization/${where.organization.id}`);
export const accountArn = (where: OrganizationAt, id: string): string =>
  arn(where, `account/${where.organization.id}/${id}`);
export const unitArn = (where: OrganizationAt, id: string): string => arn(where, `ou/${where.organization.id}/${id}`);
export const organizationRootArn = (where: OrganizationAt): string =>
  arn(where, `root/${where.organization.id}/${where.organization.rootId}`);

/** The ARN that an action is authorized on; `*` for lists of everything. */
export function targetArn(call: OrganizationsCall, action: string): string {
  const facts = actions[`organizations:${action}`];
  if (facts?.resource === 'none') return '*';
  const { input } = call;
  const id =
    optionalText(input, 'AccountId') ??
    optionalText(input, 'ParentId') ??
    optionalText(input, 'ChildId') ??
    optionalText(input, 'OrganizationalUnitId') ??
    optionalText(input, 'ResourceId') ??
    '';
  const where = at(call);
  if (ACCOUNT_ID.test(id)) return accountArn(where, id);
  return UNIT_ID.test(id) ? unitArn(where, id) : organizationRootArn(where);
}
