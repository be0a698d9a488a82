import { type LookupAttributeKey, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import type { AccountAccess } from '../../../aws/account-access';

/** What is read of a record of CloudTrail; whatever else is in it stays there. */
const record = z.object({
  eventName: z.string(),
  eventSource: z.string(),
  eventTime: z.coerce.date(),
  awsRegion: z.string().default(''),
  errorCode: z.string().nullish(),
  userIdentity: z.object({
    type: z.string().optional(),
    principalId: z.string().optional(),
    accessKeyId: z.string().optional(),
    sessionContext: z
      .object({
        sessionIssuer: z.object({ principalId: z.string().optional() }).optional(),
        sourceIdentity: z.string().optional(),
      })
      .optional(),
  }),
  requestParameters: z.object({ roleArn: z.string().optional() }).nullish(),
});

export type TrailRecord = z.output<typeof record>;

export interface TrailQuestion {
  readonly region: string;
  readonly key: LookupAttributeKey;
  readonly value: string;
  readonly since: Date;
}

/** Newest first, so that a few pages are enough to see whether there is anything. Two requests a second is all that AWS gives. */
const MOST_PAGES = 3;
const PAGE = 50;

/**
 * Management events of one region since then, that are some minutes old and at most 90 days.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html. Errors are the SDK's.
 */
export async function* lookUpEvents(access: AccountAccess, { region, key, value, since }: TrailQuestion) {
  let NextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await access.cloudTrail(region).send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: key, AttributeValue: value }],
        StartTime: since,
        MaxResults: PAGE,
        NextToken,
      }),
    );
    for (const { CloudTrailEvent } of answer.Events ?? []) {
      const read = recordIn(CloudTrailEvent);
      if (read) yield read;
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) return;
  }
}

/** Null for what cannot be read: it proves nothing. */
function recordIn(text: string | undefined): TrailRecord | null {
  try {
    return record.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    return null;
  }
}
