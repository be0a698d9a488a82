import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Logger } from 'nestjs-pino';
import { createApp } from './app';
import { AwsService } from './aws/aws.service';
import { readConfig } from './config';
import { DomainError } from './errors';
import { GRAPHQL_PATH } from './graphql/core/yoga-options';
import { PracticeClock } from './practice-clock';
import { explainStartFailure } from './start-failure';
import { TokensService } from './tenancy/tokens.service';

/** Starts one role: `--role api|worker|all` wins over MOTHBALL_ROLE. Everything else comes from the environment. */
async function main(): Promise<void> {
  const role = readRole();
  const config = readConfig(role === undefined ? process.env : { ...process.env, MOTHBALL_ROLE: role });
  const clock = config.practiceClock ? new PracticeClock() : undefined;
  const app = await createApp(config, clock ? { clock } : {});
  app.enableShutdownHooks();
  if (config.role !== 'api') await app.get(AwsService).mustHaveCredentials();
  if (clock) {
    await mustBeSimulated(app.get(AwsService));
    clock.obey(process);
  }
  // The supervisor has ended, in whatever way: nobody would stop this process.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  await app.listen(config.port, config.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  // Printed by whoever has an API to use it on.
  const token = config.role === 'worker' ? null : await app.get(TokensService).firstPlatformToken();
  if (token !== null) {
    process.stdout.write(`The first platform token, shown this once: ${token}\n`);
  }
  const address = `http://${config.host}:${port}`;
  const served = config.role === 'worker' ? `${address}/health/ready` : `${address}${GRAPHQL_PATH}`;
  app.get(Logger).log(`Mothball is ready in the role ${config.role}: ${served}`);
  process.send?.({ type: 'ready', port });
}

async function mustBeSimulated(aws: AwsService): Promise<void> {
  if (await aws.onLoopback()) return;
  throw new DomainError(
    'CONFIG_INVALID',
    'MOTHBALL_PRACTICE_CLOCK: a clock may be put ahead only where AWS is a simulated one on loopback, and its endpoint is not there. Switch it off.',
  );
}

function readRole(): string | undefined {
  try {
    return parseArgs({ options: { role: { type: 'string' } } }).values.role;
  } catch (error) {
    throw new DomainError('CONFIG_INVALID', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`Mothball did not start. ${explainStartFailure(error)}\n`);
  process.exit(1);
});
