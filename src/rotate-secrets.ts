import { NestFactory } from '@nestjs/core';
import { readConfig } from './config';
import { explainStartFailure } from './start-failure';
import { Resealing, type Rotation } from './tenancy/secrets/resealing.service';
import { SecretsOnlyModule } from './tenancy/secrets/secrets-only.module';

/**
 * `npm run secrets:rotate`: a new data key, every secret sealed anew with it, all data keys under the first master key.
 * Beside running processes; killed in the middle, the next run goes on. Status 1 where a secret could not be opened.
 */
async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(SecretsOnlyModule.with(readConfig(process.env)), {
    abortOnError: false,
    logger: ['error', 'warn'],
  });
  const abandoned = (): void => process.exit(1);
  process.once('disconnect', abandoned);
  try {
    const rotation = await app.get(Resealing).rotate((resealed) => say(`${resealed} secrets sealed anew …`));
    for (const line of report(rotation)) say(line);
    if (rotation.unreadable.length > 0) process.exitCode = 1;
  } finally {
    await app.close();
  }
  process.off('disconnect', abandoned);
  // Else the channel to who started this would keep it alive.
  if (process.connected) process.disconnect();
}

function report({ dataKey, resumed, rewrapped, resealed, unreadable }: Rotation): string[] {
  const counts = Object.entries(resealed).map(([column, count]) => `  ${column}: ${count}`);
  return [
    `${resumed ? 'Went on with a rotation that was cut short' : 'Rotated'}: everything is sealed with the data key ${dataKey}.`,
    ...counts,
    ...(rewrapped > 0 ? [`${rewrapped} data keys were put under the first master key; the others may go.`] : []),
    ...(unreadable.length > 0 ? [`Could not be opened, and were left as they are: ${unreadable.join(', ')}.`] : []),
  ];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

main().catch((error: unknown) => {
  process.stderr.write(`The secrets were not rotated. ${explainStartFailure(error)}\n`);
  process.exit(1);
});
