import { NestFactory } from '@nestjs/core';
import type { AwsOptions } from '../../src/aws/aws-options';
import { Config, type ConfigValues } from '../../src/config';
import { MovableClock } from '../harness/movable-clock';
import { pipelineModule } from '../harness/pipeline';

export interface WorkerSettings {
  readonly config: ConfigValues;
  readonly aws: AwsOptions;
  /** How far its clock is ahead of the real one. */
  readonly aheadMs: number;
}

/** The service's worker as a process of its own, so that a test can kill or stop it. Ends with its parent. */
process.once('message', ({ config, aws, aheadMs }: WorkerSettings) => {
  const clock = new MovableClock();
  clock.move(aheadMs);
  NestFactory.createApplicationContext(pipelineModule(new Config(config), aws, clock), {
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
