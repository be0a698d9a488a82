import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CONTROL_PATH } from './control/control-http';
import { startSimulator } from './server';
import type { RunningSimulator, SimulatorOptions } from './server';
import type { Partition } from './world/options';

interface Flags {
  port: number;
  host: string;
  seed: number;
  accounts?: number;
  users?: number;
  roles?: number;
  partition: Partition;
  latency?: number;
  iamRate?: number;
  pacing: boolean;
  json?: boolean;
  readyFile?: string;
}

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const program = new Command('simulator')
  .description('An AWS to practise on: Organizations, STS and IAM over their real wire protocols.')
  .option('--port <port>', 'port on the host; 0 takes any free one', whole, 0)
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .option('--seed <n>', 'the same seed makes the same organization', whole, 1)
  .option('--accounts <n>', 'accounts in the organization (default 25)', whole)
  .option('--users <n>', 'users in each account, exactly', whole)
  .option('--roles <n>', 'roles in each account, exactly', whole)
  .addOption(new Option('--partition <name>').choices(['aws', 'aws-cn', 'aws-us-gov']).default('aws'))
  .option('--latency <ms>', 'each answer takes at least so long', whole)
  .option('--iam-rate <n>', 'requests a second for each IAM action of an account', whole)
  .option('--no-pacing', 'no request is ever throttled')
  .option('--json', 'print one JSON object instead of text')
  .option('--ready-file <file>', 'write the same JSON object there (mode 0600) once it answers');

function optionsFrom(flags: Flags): SimulatorOptions {
  return {
    port: flags.port,
    host: flags.host,
    seed: flags.seed,
    partition: flags.partition,
    ...(flags.accounts === undefined ? {} : { accounts: flags.accounts }),
    ...(flags.users === undefined ? {} : { usersPerAccount: flags.users }),
    ...(flags.roles === undefined ? {} : { rolesPerAccount: flags.roles }),
    ...(flags.latency === undefined ? {} : { latencyMs: flags.latency }),
    ...(flags.pacing ? {} : { pacing: 'unlimited' as const }),
  };
}

function describe({ url, credentials, control }: RunningSimulator): string {
  const { accounts, organizationId, managementAccountId } = control.info();
  return [
    `Organization ${organizationId}: ${accounts} accounts, management account ${managementAccountId}.`,
    '',
    'For the AWS CLI or any SDK:',
    `  export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1`,
    `  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
    '',
    `These belong to ${credentials.userArn}, who may assume roles and nothing else.`,
    `Deploy a role to assume, travel in time, make faults, ask for the truth: curl ${url}${CONTROL_PATH}`,
    'Ctrl-C stops it; nothing is kept.',
  ].join('\n');
}

async function run(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const simulator = await startSimulator(optionsFrom(flags));
  if (flags.iamRate !== undefined) simulator.control.setIamRate({ rate: flags.iamRate, burst: flags.iamRate });
  const { url, credentials, control } = simulator;
  const ready = JSON.stringify({ url, controlUrl: `${url}${CONTROL_PATH}`, credentials, ...control.info() });
  if (flags.readyFile !== undefined) writeFileSync(flags.readyFile, `${ready}\n`, { mode: 0o600 });
  process.stdout.write(`${flags.json === true ? ready : describe(simulator)}\n`);
  const stop = (): void => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
