import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { AWS_OPTIONS, type AwsOptions } from './aws-options';
import { AwsService } from './aws.service';

@Module({})
export class AwsModule {
  /** `AwsModule.forRoot({ inject: [Config], useFactory: (config) => config.aws })`. */
  static forRoot(options: Pick<FactoryProvider<AwsOptions>, 'inject' | 'useFactory'>): DynamicModule {
    return {
      module: AwsModule,
      global: true,
      providers: [{ provide: AWS_OPTIONS, ...options }, AwsService],
      exports: [AwsService],
    };
  }
}
