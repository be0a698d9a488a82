import type { SimAccountSummary, SimOrganizationalUnit } from '../../world/model';
import type { JsonObject, OrganizationsCall } from './organizations';
import { accountArn, at, unitArn } from './targets';

/** What the retiring `Status` says for each `State`: it knows three values only. */
const STATUS = {
  ACTIVE: 'ACTIVE',
  PENDING_ACTIVATION: 'SUSPENDED',
  SUSPENDED: 'SUSPENDED',
  PENDING_CLOSURE: 'PENDING_CLOSURE',
  CLOSED: 'SUSPENDED',
} as const;

export function accountElement(call: OrganizationsCall, account: SimAccountSummary): JsonObject {
  const fields = call.simulation.switches.organizationAccountFields;
  return {
    Id: account.accountId,
    Arn: accountArn(at(call), account.accountId),
    Email: account.email,
    Name: account.name,
    ...(fields === 'onlyStatus' ? {} : { State: account.state }),
    ...(fields === 'onlyState' ? {} : { Status: STATUS[account.state] }),
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: call.simulation.world.shown(account.joinedAt).getTime() / 1_000,
  };
}

export const unitElement = (call: OrganizationsCall, unit: SimOrganizationalUnit): JsonObject => ({
  Id: unit.id,
  Arn: unitArn(at(call), unit.id),
  Name: unit.name,
});
