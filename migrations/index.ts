import type { MigrationInterface } from 'typeorm';
import { Tenants1790000001000 } from './1790000001000-tenants';
import { Tasks1790000002000 } from './1790000002000-tasks';
import { Accounts1790000003000 } from './1790000003000-accounts';
import { Inventory1790000004000 } from './1790000004000-inventory';
import { Findings1790000005000 } from './1790000005000-findings';
import { People1790000006000 } from './1790000006000-people';
import { AuditLog1790000007000 } from './1790000007000-audit-log';
import { Secrets1790000008000 } from './1790000008000-secrets';
import { Policies1790000009000 } from './1790000009000-policies';
import { Exemptions1790000010000 } from './1790000010000-exemptions';
import { Verification1790000011000 } from './1790000011000-verification';
import { Handovers1790000012000 } from './1790000012000-handovers';
import { Plans1790000013000 } from './1790000013000-plans';
import { Quarantine1790000014000 } from './1790000014000-quarantine';
import { Notifications1790000015000 } from './1790000015000-notifications';
import { Tickets1790000016000 } from './1790000016000-tickets';

/** The schema's history, in order. A released migration is never edited. */
export const migrations: (new () => MigrationInterface)[] = [
  Tenants1790000001000,
  Tasks1790000002000,
  Accounts1790000003000,
  Inventory1790000004000,
  Findings1790000005000,
  People1790000006000,
  AuditLog1790000007000,
  Secrets1790000008000,
  Policies1790000009000,
  Exemptions1790000010000,
  Verification1790000011000,
  Handovers1790000012000,
  Plans1790000013000,
  Quarantine1790000014000,
  Notifications1790000015000,
  Tickets1790000016000,
];
