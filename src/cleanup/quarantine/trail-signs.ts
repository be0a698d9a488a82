import { minute } from '../actions/refusals/refusal';
import type { PlanItemRow, SignOfLife } from '../items/plan-item';
import type { Observed } from '../observed';
import type { TrailQuestion, TrailRecord } from '../reading/trail/look-up-events';

type Held = Pick<PlanItemRow, 'course' | 'access_key_id' | 'name'>;

/**
 * By what CloudTrail is asked about something in quarantine. A role has no name in what its sessions do, since there the
 * session's stands: what is looked for is that somebody assumes it. Null: there is nothing to ask by.
 */
export function trailKeyOf(item: Held, seen: Observed): Pick<TrailQuestion, 'key' | 'value'> | null {
  if (seen.kind === 'role') return { key: 'ResourceName', value: seen.arn };
  if (item.course !== 'access-key') return { key: 'Username', value: seen.name };
  return item.access_key_id === null ? null : { key: 'AccessKeyId', value: item.access_key_id };
}

/** Whether the record is of a use of just this one, later than that, and not by ourselves. */
export function isSignOfLife(item: Held, seen: Observed, record: TrailRecord, since: Date): boolean {
  const { userIdentity: who, eventName, eventTime } = record;
  if (!(eventTime > since) || isOurs(record)) return false;
  if (seen.kind === 'role') {
    // Whoever looks at the role, or changes it, names it as well.
    return eventName.startsWith('AssumeRole') && record.requestParameters?.roleArn === seen.arn;
  }
  // A session of a role may be called as the user is; its unique id says who it is.
  if (who.type !== 'IAMUser' || who.principalId !== seen.uniqueId) return false;
  switch (item.course) {
    case 'access-key':
      return who.accessKeyId === item.access_key_id;
    case 'password':
      return eventName === 'ConsoleLogin';
    default:
      return true;
  }
}

/** Sessions of Mothball say what they are for. */
const isOurs = ({ userIdentity }: TrailRecord): boolean =>
  userIdentity.sessionContext?.sourceIdentity?.startsWith('mothball-') === true;

/** Which request, when and where; nothing of what was in it. */
export function lifeOfRecord(record: TrailRecord): SignOfLife {
  const { eventName, eventSource, eventTime, awsRegion, errorCode } = record;
  const where = awsRegion === '' ? '' : ` in ${awsRegion}`;
  const refused = errorCode == null ? '' : ', which AWS refused';
  return {
    source: 'cloudtrail',
    at: eventTime.toISOString(),
    detail: `CloudTrail has ${eventName} (${eventSource})${where} on ${minute(eventTime)}${refused}.`,
  };
}
