import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { parseAccountId, parseRoleArn, roleArn } from '../aws/arns';
import { parsePartition } from '../aws/partitions';
import { Clock } from '../clock';
import { badInput, DomainError, notFound } from '../errors';
import { newId } from '../ids';
import { type AccountRow, DEFAULT_SCAN_ROLE } from './account';
import { ExternalIds } from './external-ids.service';

export interface Registration {
  readonly awsAccountId: string;
  readonly name: string;
  readonly partition?: string | null | undefined;
  readonly roleArn?: string | null | undefined;
}

@Injectable()
export class RegistrationService {
  constructor(
    private readonly clock: Clock,
    private readonly externalIds: ExternalIds,
  ) {}

  /**
   * Registers one account, PENDING until `verifyAccount` has assumed its role. Registering the same account again
   * answers with the same external id. Throws BAD_INPUT for malformed ids and ARNs, ALREADY_EXISTS for an account that
   * this tenant owns already. Says nothing of other tenants: that needs proof of control.
   */
  async register(manager: EntityManager, tenantId: string, input: Registration): Promise<string> {
    const accountId = parseAccountId(input.awsAccountId);
    const partition = parsePartition(input.partition ?? 'aws');
    const name = input.name.trim();
    if (name === '' || name.length > 200) throw badInput('name: must have 1 to 200 characters.');
    const role = input.roleArn ?? roleArn(partition, accountId, DEFAULT_SCAN_ROLE);
    parseRoleArn(role, { partition, accountId });
    const id = newId();
    const externalId = await this.externalIds.sealNew(manager, { tenant_id: tenantId, id }, accountId);
    const [row] = await manager.query<{ id: string; status: string }[]>(
      `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, created_at)
       VALUES ($1, $2, $3, $4, $5, 'registered', $6, $7, 'pending', $8)
       ON CONFLICT (tenant_id, partition, aws_account_id) DO UPDATE
         SET name = CASE WHEN accounts.status = 'owned' THEN accounts.name ELSE excluded.name END,
             role_arn = CASE WHEN accounts.status = 'owned' THEN accounts.role_arn ELSE excluded.role_arn END,
             status = CASE WHEN accounts.status = 'left' THEN 'pending' ELSE accounts.status END,
             -- It has left its organization, whose next listing must not make it leave again.
             source = CASE WHEN accounts.status = 'left' THEN 'registered' ELSE accounts.source END,
             organization_id = CASE WHEN accounts.status = 'left' THEN NULL ELSE accounts.organization_id END,
             aws_state = CASE WHEN accounts.status = 'left' THEN NULL ELSE accounts.aws_state END,
             left_at = CASE WHEN accounts.status = 'left' THEN NULL ELSE accounts.left_at END
       RETURNING id, status`,
      [tenantId, id, partition, accountId, name, role, externalId, this.clock.now()],
    );
    if (!row) throw new Error('INSERT … RETURNING gave no row');
    if (row.status === 'owned') {
      throw new DomainError(
        'ALREADY_EXISTS',
        `awsAccountId: ${accountId} is registered already; ask for it with accounts.`,
      );
    }
    return row.id;
  }

  /** Whether the role can be this account's scan role. Throws NOT_FOUND, or BAD_INPUT for a role of another account. */
  async checkRole(manager: EntityManager, tenantId: string, id: string, role: string): Promise<void> {
    const [account] = await manager.query<Pick<AccountRow, 'partition' | 'aws_account_id'>[]>(
      'SELECT partition, aws_account_id FROM accounts WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    if (!account) throw notFound('The account');
    parseRoleArn(role, { partition: account.partition, accountId: account.aws_account_id });
  }
}
