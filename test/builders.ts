import type { INestApplicationContext } from '@nestjs/common';
import { ExternalIds } from '../src/accounts/external-ids.service';
import { newId } from '../src/ids';
import { JudgingService } from '../src/findings/judging.service';
import { encodeId } from '../src/api-id';
import type { InventoryRole, InventoryUser } from '../src/scans/inventory';
import { InventoryWriter } from '../src/scans/inventory-writer';
import { rowOfRole, rowsOfUser } from '../src/scans/inventory-rows';
import { ScanRecords } from '../src/scans/scan-records.service';
import type { ScanOutcome } from '../src/scans/scan';
import type { Role } from '../src/tenancy/principal';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../src/tenancy/tenant-database';
import { TenantsService } from '../src/tenancy/tenants.service';
import { TokensService } from '../src/tenancy/tokens.service';

export interface BuiltTenant {
  readonly id: string;
  readonly name: string;
  /** As the API names it. */
  readonly apiId: string;
  /** An admin's. */
  readonly token: string;
}

export interface BuiltAccount {
  readonly tenantId: string;
  readonly id: string;
  readonly apiId: string;
  readonly awsAccountId: string;
}

export interface AccountToBuild {
  readonly awsAccountId?: string;
  readonly name?: string;
  readonly ouPath?: string | null;
  readonly tags?: Readonly<Record<string, string>>;
  readonly status?: 'pending' | 'owned' | 'left';
  readonly awsState?: string | null;
}

export interface InventoryToBuild {
  readonly users?: readonly InventoryUser[];
  readonly roles?: readonly InventoryRole[];
  /** When it was read; default: now. */
  readonly at?: Date;
  readonly outcome?: ScanOutcome;
}

let accounts = 100_000_000_000;

/** Makes what a test stands on, by the services themselves: each test its own tenant. */
export function builders(app: INestApplicationContext) {
  const database = app.get(TenantDatabase, { strict: false });
  const tokens = app.get(TokensService, { strict: false });

  const token = (tenantId: string, role: Role = 'admin', name = `${role} of a test`): Promise<string> =>
    database.inTenant(tenantId, async (manager) => {
      // Each is another person's.
      const by = { name: 'somebody', standsFor: `https://people.test ${newId()}` };
      return (await tokens.create(manager, tenantId, { name, role, by })).secret;
    });

  const tenant = async (name = `tenant ${newId()}`): Promise<BuiltTenant> => {
    const id = await database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      app.get(TenantsService, { strict: false }).create(manager, name),
    );
    return { id, name, apiId: encodeId('Tenant', id, id), token: await token(id) };
  };

  const account = async (tenantId: string, given: AccountToBuild = {}): Promise<BuiltAccount> => {
    const id = newId();
    const awsAccountId = given.awsAccountId ?? String((accounts += 1));
    const { name = `account ${awsAccountId}`, ouPath = null, tags = {}, status = 'owned', awsState = null } = given;
    await database.inTenant(tenantId, async (manager) => {
      await manager.query(
        `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status,
           aws_state, ou_path, tags, created_at)
         VALUES ($1, $2, 'aws', $3, $4, 'registered', $5, $6, $7, $8, $9, $10, now())`,
        [
          tenantId,
          id,
          awsAccountId,
          name,
          `arn:aws:iam::${awsAccountId}:role/mothball-scan`,
          await app.get(ExternalIds, { strict: false }).sealNew(manager, { tenant_id: tenantId, id }, awsAccountId),
          status,
          awsState,
          ouPath,
          JSON.stringify(tags),
        ],
      );
    });
    return { tenantId, id, awsAccountId, apiId: encodeId('Account', tenantId, id) };
  };

  /** As if a scan had seen this, and nothing else, and the account had been judged. Returns the scan's id. */
  const inventory = async (of: BuiltAccount, seen: InventoryToBuild): Promise<string> => {
    const { tenantId, id: accountId } = of;
    const { users = [], roles = [], at = new Date(), outcome = 'complete' } = seen;
    const rows = [...users.flatMap(rowsOfUser), ...roles.map(rowOfRole)];
    const scanId = newId();
    const records = app.get(ScanRecords, { strict: false });
    const writer = app.get(InventoryWriter, { strict: false });
    await database.inTenant(tenantId, async (manager) => {
      await manager.query('INSERT INTO scans (tenant_id, id, account_id, created_at) VALUES ($1, $2, $3, now())', [
        tenantId,
        scanId,
        accountId,
      ]);
      await records.begin(manager, tenantId, scanId);
      await writer.write(manager, { tenantId, accountId, at }, rows);
      if (outcome === 'complete') {
        const naturalKeys = rows.map((row) => row.natural_key);
        await writer.markGone(
          manager,
          { tenantId, accountId, at },
          { complete: true, naturalKeys, credentialsUnknownOf: [] },
        );
      }
      await records.finish(manager, tenantId, scanId, {
        outcome,
        at,
        detailsRead: true,
        notRead: [],
        rowsWritten: rows.length,
        identities: rows.length,
        calls: { calls: 5, throttled: 0, retried: 0, durationMs: 10, byAction: {} },
      });
      await app.get(JudgingService, { strict: false }).judge(manager, tenantId, accountId);
    });
    return scanId;
  };

  return {
    database,
    token,
    tenant,
    account,
    inventory,
    platformToken: (role: Role = 'admin'): Promise<string> => token(PLATFORM_TENANT_ID, role),
  };
}

export type Builders = ReturnType<typeof builders>;
