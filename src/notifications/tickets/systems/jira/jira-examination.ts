import { z } from 'zod';
import { readAs } from '../parts/ticket-http';
import { jiraMust, type JiraApi, type JiraConnection } from './jira-api';
import type { JiraSettings } from './jira-settings';

/** What each is needed for, in words. */
const RIGHTS = {
  BROWSE_PROJECTS: 'see its issues',
  CREATE_ISSUES: 'create issues',
  EDIT_ISSUES: 'edit issues',
  ADD_COMMENTS: 'comment',
  TRANSITION_ISSUES: 'move issues through the workflow',
} as const;

const permissions = z.object({ permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })) });
const issueType = z.object({ id: z.string(), name: z.string() });
const meta = z.object({
  fieldId: z.string(),
  name: z.string(),
  required: z.boolean(),
  hasDefaultValue: z.boolean().optional(),
  allowedValues: z.array(z.object({ name: z.string().optional() })).optional(),
});
const PAGE = 50;

type Field = z.infer<typeof meta>;

/** Looks whether tickets can be made as the settings say; each sentence names what is missing. */
export async function examineJira(api: JiraApi, connection: JiraConnection): Promise<string[]> {
  const { settings } = connection;
  // https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/#api-rest-api-3-myself-get
  jiraMust(await api.get(connection, 'myself'), 200, 'signing in');
  // https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/#api-rest-api-3-mypermissions-get
  const rights = Object.keys(RIGHTS).join(',');
  const answer = await api.get(connection, `mypermissions?projectKey=${settings.project}&permissions=${rights}`);
  if (answer.status === 404)
    return [`settings.project: ${settings.project} does not exist, or the account may not see it.`];
  const { permissions: held } = readAs(jiraMust(answer, 200, 'reading the rights'), permissions, 'reading the rights');
  const missing = Object.entries(RIGHTS)
    .filter(([right]) => held[right]?.havePermission !== true)
    .map(
      ([right, what]) => `The account may not ${what} in ${settings.project} (${right}): add it to a role that may.`,
    );
  if (held.CREATE_ISSUES?.havePermission !== true) return missing;
  return [...missing, ...(await examineFields(api, connection))];
}

async function examineFields(api: JiraApi, connection: JiraConnection): Promise<string[]> {
  const { project, issueType: wanted } = connection.settings;
  // https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-createmeta-projectidorkey-issuetypes-get
  const path = `issue/createmeta/${project}/issuetypes`;
  const types = await pages(
    api,
    connection,
    path,
    z.object({ issueTypes: z.array(issueType), total: z.number() }),
    'issueTypes',
  );
  const type = types.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (type === undefined) {
    return [
      `settings.issueType: ${project} has no "${wanted}"; it has ${types.map(({ name }) => `"${name}"`).join(', ')}.`,
    ];
  }
  const fieldsPath = `${path}/${encodeURIComponent(type.id)}`;
  const fields = await pages(
    api,
    connection,
    fieldsPath,
    z.object({ fields: z.array(meta), total: z.number() }),
    'fields',
  );
  return fieldProblems(connection.settings, new Map(fields.map((field) => [field.fieldId, field])));
}

function fieldProblems(settings: JiraSettings, fields: ReadonlyMap<string, Field>): string[] {
  const ours = new Set(['project', 'issuetype', 'summary', 'description', 'labels', ...Object.keys(settings.fields)]);
  if (Object.keys(settings.priorities).length > 0) ours.add('priority');
  if (settings.component !== undefined) ours.add('components');
  if (settings.assignee !== undefined) ours.add('assignee');
  const problems = [...fields.values()]
    .filter(({ fieldId, required, hasDefaultValue }) => required && hasDefaultValue !== true && !ours.has(fieldId))
    .map(
      ({ name, fieldId }) =>
        `"${name}" must have a value: set settings.${SETTINGS.get(fieldId) ?? `fields.${fieldId}`}.`,
    );
  for (const id of ours) {
    if (id !== 'project' && id !== 'issuetype' && !fields.has(id)) {
      problems.push(
        `"${id}" is not on the screen for creating a "${settings.issueType}": add it there, or leave it out.`,
      );
    }
  }
  return [
    ...problems,
    ...unknownNames(
      fields,
      'priority',
      Object.values(settings.priorities).filter((name) => name !== undefined),
    ),
    ...unknownNames(fields, 'components', settings.component === undefined ? [] : [settings.component]),
  ];
}

function unknownNames(fields: ReadonlyMap<string, Field>, id: string, names: readonly string[]): string[] {
  const allowed = fields.get(id)?.allowedValues?.map(({ name }) => name ?? '');
  return [...new Set(names)]
    .filter((name) => allowed !== undefined && !allowed.includes(name))
    .map(
      (name) =>
        `settings.${SETTINGS.get(id)}: there is no "${name}"; there are ${allowed?.map((one) => `"${one}"`).join(', ')}.`,
    );
}

const SETTINGS = new Map([
  ['priority', 'priorities'],
  ['components', 'component'],
  ['assignee', 'assignee'],
]);

async function pages<K extends string, T>(
  api: JiraApi,
  connection: JiraConnection,
  path: string,
  schema: z.ZodType<{ total: number } & Record<K, T[]>>,
  list: K,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const answer = await api.get(connection, `${path}?startAt=${all.length}&maxResults=${PAGE}`);
    const page = readAs(jiraMust(answer, 200, 'reading the fields'), schema, 'reading the fields');
    all.push(...page[list]);
    if (page[list].length === 0 || all.length >= page.total) return all;
  }
}
