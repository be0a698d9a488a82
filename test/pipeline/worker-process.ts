import { NestFactory } from '@nestjs/core';
import { Config, type ConfigValues } from '../../src/config';
import type { AwsOptions } from '../../src/aws/aws-options';
import { pipelineModule } from '../harness/pipeline';

export interface WorkerSettings {
  readonly config: ConfigValues;
  readonly aws: AwsOptions;
}

/** The service's worker as a process of its own, so that a test can kill it. Ends with its parent. */
process.once('message', ({ config, aws }: WorkerSettings) => {
  NestFactory.createApplicationContext(pipelineModule(new Config(config), aws), {
    logger: false,
    abortOnError: false,
  }).then(
    () => process.send?.('ready'),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(1));
