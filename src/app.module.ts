import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AccountsModule } from './accounts/accounts.module';
import { AwsModule } from './aws/aws.module';
import type { AwsOptions } from './aws/aws-options';
import type { Clock } from './clock';
import type { Config } from './config';
import { CleanupModule } from './cleanup/cleanup.module';
import { FindingsModule } from './findings/findings.module';
import { GraphqlModule } from './graphql/graphql.module';
import { NotificationsModule } from './notifications/notifications.module';
import { logging } from './observability/logging';
import { ObservabilityModule } from './observability/observability.module';
import { RolesModule } from './roles/roles.module';
import { ScansModule } from './scans/scans.module';
import { TasksModule } from './tasks/tasks.module';
import { TenancyModule } from './tenancy/tenancy.module';

export interface AppOptions {
  /** Default: the SDK's own conventions (`AWS_ENDPOINT_URL`, profiles …). */
  readonly aws?: AwsOptions;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The one place that knows every module. */
@Module({})
export class AppModule {
  /** What one process needs in its role: a worker serves health and metrics only. */
  static with(config: Config, { aws = {}, clock }: AppOptions = {}): DynamicModule {
    const stages = [
      TasksModule,
      AccountsModule,
      ScansModule,
      FindingsModule,
      CleanupModule,
      RolesModule,
      NotificationsModule,
    ];
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(logging(config)),
        TenancyModule.with(config, clock),
        AwsModule.forRoot({ useFactory: () => aws }),
        ...stages,
        ObservabilityModule,
        ...(config.role === 'worker' ? [] : [GraphqlModule]),
      ],
    };
  }
}
