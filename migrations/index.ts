import type { MigrationInterface } from 'typeorm';
import { Tenants1790000001000 } from './1790000001000-tenants';
import { Tasks1790000002000 } from './1790000002000-tasks';
import { Accounts1790000003000 } from './1790000003000-accounts';
import { Inventory1790000004000 } from './1790000004000-inventory';
import { Findings1790000005000 } from './1790000005000-findings';

/** The schema's history, in order. A released migration is never edited. */
export const migrations: (new () => MigrationInterface)[] = [
  Tenants1790000001000,
  Tasks1790000002000,
  Accounts1790000003000,
  Inventory1790000004000,
  Findings1790000005000,
];
