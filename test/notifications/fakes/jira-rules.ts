import { z } from 'zod';

export interface JiraStatus {
  readonly name: string;
  readonly statusCategory: { readonly key: 'new' | 'indeterminate' | 'done' };
}

/** The statuses of a workflow that many projects have. */
export const JIRA_STATUSES = {
  todo: { name: 'To Do', statusCategory: { key: 'new' } },
  doing: { name: 'In Progress', statusCategory: { key: 'indeterminate' } },
  rejected: { name: 'Rejected', statusCategory: { key: 'done' } },
  done: { name: 'Done', statusCategory: { key: 'done' } },
} as const satisfies Record<string, JiraStatus>;

interface FakeTransition {
  readonly id: string;
  readonly name: string;
  readonly to: JiraStatus;
  readonly hasScreen: boolean;
  readonly fields: Readonly<Record<string, { required: boolean; name: string; allowedValues: { name: string }[] }>>;
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get */
export function jiraTransitions(
  from: JiraStatus,
  { reopens = true, asksForResolution = false }: { reopens?: boolean; asksForResolution?: boolean },
): FakeTransition[] {
  const resolution = { required: true, name: 'Resolution', allowedValues: [{ name: 'Done' }, { name: "Won't Do" }] };
  const transition = (id: string, name: string, to: JiraStatus, asks = false): FakeTransition => {
    return { id, name, to, hasScreen: asks, fields: asks ? { resolution } : {} };
  };
  if (from.statusCategory.key === 'done') return reopens ? [transition('41', 'Reopen', JIRA_STATUSES.doing)] : [];
  return [
    transition('11', 'Start', JIRA_STATUSES.doing),
    transition('21', 'Reject', JIRA_STATUSES.rejected),
    transition('31', 'Finish', JIRA_STATUSES.done, asksForResolution),
  ];
}

const mark = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('link'), attrs: z.strictObject({ href: z.url({ protocol: /^https?$/ }) }) }),
  z.strictObject({ type: z.enum(['strong', 'em', 'code']) }),
]);
// An empty text node is invalid: https://developer.atlassian.com/cloud/jira/platform/apis/document/nodes/text/
const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), marks: z.array(mark).optional() });
const paragraph = z.strictObject({ type: z.literal('paragraph'), content: z.array(text).optional() });
const heading = z.strictObject({
  type: z.literal('heading'),
  attrs: z.strictObject({ level: z.number().int().min(1).max(6) }),
  content: z.array(text).optional(),
});
const item = z.strictObject({ type: z.literal('listItem'), content: z.array(paragraph).min(1) });
const list = z.strictObject({ type: z.enum(['bulletList', 'orderedList']), content: z.array(item).min(1) });
const document = z.strictObject({
  version: z.literal(1),
  type: z.literal('doc'),
  content: z.array(z.union([paragraph, heading, list])),
});

/** What is wrong with a document; null: nothing. As far as tickets need https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
export function jiraDocumentProblem(value: unknown): string | null {
  const read = document.safeParse(value);
  if (!read.success) return z.prettifyError(read.error);
  return JSON.stringify(value).length > 32_767
    ? 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.'
    : null;
}

/** As editors store it: with an id at each paragraph. */
export function withLocalIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLocalIds);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, name === 'attrs' ? (part as unknown) : withLocalIds(part)]),
  );
  return copy.type === 'paragraph' ? { ...copy, attrs: { localId: 'f7a1b2c3' } } : copy;
}
