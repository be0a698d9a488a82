import { randomUUID } from 'node:crypto';
import { allowedServices, serviceName } from './allowed-services';
import type { IamCall, IamOperation } from './iam-call';
import { shown } from './iam-call';
import { parseIamArn } from '../../arns';
import { uniqueIdOf } from '../../authorization/principal';
import { noSuchEntity, validationError } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlValue } from '../../protocol/xml';
import type { SimAccount, SimPrincipal } from '../../world/model';

export interface AccessJob {
  /** Only the principal that started a job may fetch it. */
  ownerId: string;
  accountId: string;
  arn: string;
  createdAt: number;
  pollsLeft: number;
  services: { namespace: string; attemptedAt: number | undefined }[];
}

export const serviceLastAccessedOperations: Record<string, IamOperation> = {
  GenerateServiceLastAccessedDetails: (call) => {
    const { account, parameters, principal, simulation } = call;
    const arn = parameters.text('Arn', { min: 20, max: 2_048 });
    parameters.oneOf('Granularity', ['SERVICE_LEVEL', 'ACTION_LEVEL']);
    const identity = identityAt(account, arn);
    const now = simulation.world.time.second();
    const visibleUntil = simulation.world.now() - simulation.switches.serviceLastAccessedLagMs;
    const jobId = randomUUID();
    simulation.accessJobs.set(jobId, {
      ownerId: uniqueIdOf(principal),
      accountId: account.summary.accountId,
      arn,
      createdAt: now,
      pollsLeft: simulation.switches.serviceLastAccessedPolls,
      services: allowedServices(account, identity, simulation.switches.inlineDenyAllEmptiesServiceLastAccessed).map(
        (namespace) => ({
          namespace,
          attemptedAt: simulation.world.lastUses.attemptVisible(identity, namespace, visibleUntil),
        }),
      ),
    });
    return { JobId: jobId };
  },

  GetServiceLastAccessedDetails: (call) => {
    const jobId = call.parameters.text('JobId', { min: 36, max: 36 });
    const job = call.simulation.accessJobs.get(jobId);
    const own = job?.accountId === call.account.summary.accountId && job.ownerId === uniqueIdOf(call.principal);
    if (!job || !own) throw noSuchEntity(`Job with id ${jobId} cannot be found.`);
    const JobCreationDate = shown(call, job.createdAt);
    if (job.pollsLeft > 0) {
      job.pollsLeft -= 1;
      return { JobStatus: 'IN_PROGRESS', JobCreationDate, JobType: 'SERVICE_LEVEL' };
    }
    const { items, answer } = page(call, job);
    return {
      JobStatus: 'COMPLETED',
      JobType: 'SERVICE_LEVEL',
      JobCreationDate,
      JobCompletionDate: shown(call, job.createdAt),
      ServicesLastAccessed: members(items.map((service) => serviceElement(call, job, service))),
      ...answer,
    };
  },
};

/** A user or role of this account. Throws `NoSuchEntity`. */
export function identityAt(account: SimAccount, arn: string): SimPrincipal {
  const parsed = parseIamArn(arn);
  if (!parsed || !['user', 'role'].includes(parsed.type)) throw validationError(`ARN ${arn} is not valid.`);
  const holders: ReadonlyMap<string, SimPrincipal> = parsed.type === 'user' ? account.users : account.roles;
  const found = holders.get(parsed.name.toLowerCase());
  if (parsed.accountId !== account.summary.accountId || found?.path !== parsed.path) {
    throw noSuchEntity(`ARN ${arn} does not exist.`);
  }
  return found;
}

type Service = AccessJob['services'][number];

/** Sorted by namespace as AWS shows them; the marker is a position, since a finished job never changes. */
function page(call: IamCall, job: AccessJob): { items: Service[]; answer: { IsTruncated: boolean; Marker?: string } } {
  const size = call.parameters.integer('MaxItems', 1, 1_000) ?? 100;
  const start = Number(call.parameters.optional('Marker', { pattern: /^\d+$/ }) ?? 0);
  const end = start + size;
  const more = end < job.services.length;
  return {
    items: job.services.slice(start, end),
    answer: more ? { IsTruncated: true, Marker: String(end) } : { IsTruncated: false },
  };
}

const serviceElement = (call: IamCall, job: AccessJob, { namespace, attemptedAt }: Service): XmlValue => ({
  ServiceName: serviceName(namespace),
  ServiceNamespace: namespace,
  ...(attemptedAt === undefined
    ? { TotalAuthenticatedEntities: 0 }
    : {
        LastAuthenticated: shown(call, attemptedAt),
        LastAuthenticatedEntity: job.arn,
        LastAuthenticatedRegion: 'us-east-1',
        TotalAuthenticatedEntities: 1,
      }),
});
