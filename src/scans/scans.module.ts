import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { TasksModule } from '../tasks/tasks.module';
import { AccountDoor } from './account-door';
import { CloseScanTask } from './close-scan.task';
import { IdentityQueries } from './identity-queries';
import { InventoryReader } from './inventory-reader';
import { InventoryWriter } from './inventory-writer';
import { LookedUp } from './looked-up.service';
import { RecheckedInventory } from './rechecked-inventory';
import { ScanAccountTask } from './scan-account.task';
import { ScanQueries } from './scan-queries';
import { ScanRecords } from './scan-records.service';
import { StartSweepTask } from './start-sweep.task';
import { SweepsService } from './sweeps.service';

const services = [
  AccountDoor,
  IdentityQueries,
  InventoryReader,
  LookedUp,
  RecheckedInventory,
  ScanQueries,
  SweepsService,
];

/** What is there: collects an account's identities into the inventory. */
@Module({
  imports: [TasksModule, AccountsModule],
  providers: [...services, CloseScanTask, InventoryWriter, ScanAccountTask, ScanRecords, StartSweepTask],
  exports: services,
})
export class ScansModule {}
