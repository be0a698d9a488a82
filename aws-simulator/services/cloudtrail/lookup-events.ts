import { AwsError } from '../../protocol/aws-error';
import { DAY_MS } from '../../world/time-line';
import type { CloudTrailCall } from './cloudtrail';
import type { TrailEvent } from './trail';

const KEPT_MS = 90 * DAY_MS;
const PAGE = 50;
const KEYS = [
  'AccessKeyId',
  'EventId',
  'EventName',
  'EventSource',
  'ReadOnly',
  'ResourceName',
  'ResourceType',
  'Username',
];
const MEMBERS = ['EndTime', 'EventCategory', 'LookupAttributes', 'MaxResults', 'NextToken', 'StartTime'];

/**
 * Management events of the last 90 days in the region that is asked, newest first, some minutes after they happened.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export function lookupEvents({ simulation, principal, input, region }: CloudTrailCall): Record<string, unknown> {
  const { world, trail, switches } = simulation;
  const unknown = Object.keys(input).filter((name) => !MEMBERS.includes(name));
  if (unknown.length > 0) throw new AwsError('SerializationException', `Unexpected: ${unknown.join(', ')}`);
  const size = pageSize(input.MaxResults);
  const from = instant(input.StartTime, 'StartTime');
  const to = instant(input.EndTime, 'EndTime');
  if (from !== undefined && to !== undefined && from > to) {
    throw new AwsError('InvalidTimeRangeException', 'The start time is after the end time.');
  }
  const wanted = attributeOf(input.LookupAttributes);
  const now = world.now();
  const shown = (event: TrailEvent): number => world.shown(event.at).getTime();
  const fitting = trail
    .of(principal.account.summary.accountId, region)
    .filter(({ at }) => at <= now - switches.cloudTrailDelayMs && at > now - KEPT_MS)
    .filter((event) => (from ?? -Infinity) <= shown(event) && shown(event) <= (to ?? Infinity))
    .filter((event) => wanted === undefined || valuesOf(event, wanted.key).includes(wanted.value));
  const start = startOf(input.NextToken, JSON.stringify([input.LookupAttributes, input.StartTime, input.EndTime]));
  const page = fitting.slice(start.at, start.at + size);
  return {
    Events: page.map((event) => elementOf(event, shown(event))),
    ...(start.at + size < fitting.length ? { NextToken: tokenOf(start.at + size, start.of) } : {}),
  };
}

function pageSize(value: unknown): number {
  if (value === undefined) return PAGE;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= PAGE) return value;
  throw new AwsError('InvalidMaxResultsException', `MaxResults must be from 1 to ${PAGE}.`);
}

/** JSON 1.1 carries times as seconds. */
function instant(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw new AwsError('SerializationException', `${name} is no timestamp.`);
  return value * 1000;
}

/** One at most, as AWS has it. */
function attributeOf(list: unknown): { key: string; value: string } | undefined {
  if (list === undefined) return undefined;
  const [first, ...rest] = Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
  const { AttributeKey: key, AttributeValue: value } = first ?? {};
  if (rest.length > 0 || typeof key !== 'string' || !KEYS.includes(key)) {
    throw new AwsError('InvalidLookupAttributesException', 'You can specify one of the documented lookup attributes.');
  }
  if (typeof value !== 'string' || value.length < 1 || value.length > 2_000) {
    throw new AwsError('InvalidLookupAttributesException', 'The value has 1 to 2000 characters.');
  }
  return { key, value };
}

function valuesOf(event: TrailEvent, key: string): (string | null)[] {
  switch (key) {
    case 'AccessKeyId':
      return [event.accessKeyId];
    case 'EventId':
      return [event.eventId];
    case 'EventName':
      return [event.name];
    case 'EventSource':
      return [event.source];
    case 'ReadOnly':
      return [String(event.readOnly)];
    case 'Username':
      return [event.username];
    default:
      return event.resources.map(({ type, name }) => (key === 'ResourceType' ? type : name));
  }
}

const tokenOf = (at: number, of: string): string => Buffer.from(JSON.stringify({ at, of })).toString('base64');

function startOf(token: unknown, of: string): { at: number; of: string } {
  if (token === undefined) return { at: 0, of };
  if (typeof token !== 'string') throw new AwsError('SerializationException', 'NextToken is no string.');
  try {
    const read = JSON.parse(Buffer.from(token, 'base64').toString()) as { at: number; of: string };
    if (Number.isInteger(read.at) && read.of === of) return read;
  } catch {
    // Said below.
  }
  throw new AwsError('InvalidNextTokenException', 'The token is not of a request with the same parameters.');
}

function elementOf(event: TrailEvent, at: number): Record<string, unknown> {
  const { eventId, name, source, readOnly, username, accessKeyId, errorCode, resources } = event;
  const seconds = Math.floor(at / 1000);
  return {
    ...{ EventId: eventId, EventName: name, EventSource: source, Username: username },
    ReadOnly: String(readOnly),
    EventTime: seconds,
    ...(accessKeyId === null ? {} : { AccessKeyId: accessKeyId }),
    Resources: resources.map(({ type, name: resource }) => ({ ResourceType: type, ResourceName: resource })),
    CloudTrailEvent: JSON.stringify({
      eventVersion: '1.11',
      userIdentity: event.userIdentity,
      eventTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
      ...{ eventSource: source, eventName: name, awsRegion: event.region, sourceIPAddress: '127.0.0.1' },
      ...(errorCode === null ? {} : { errorCode }),
      ...{ requestParameters: event.requestParameters, eventID: eventId, readOnly, eventType: 'AwsApiCall' },
      ...{ managementEvent: true, recipientAccountId: event.accountId, eventCategory: 'Management' },
    }),
  };
}
