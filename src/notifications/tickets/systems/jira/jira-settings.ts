import { z } from 'zod';
import { originSetting } from '../parts/addresses';

const name = z.string().trim().min(1).max(255);

/** Values for fields that we do not write ourselves, as Jira's API takes them: `{"customfield_10010": {"value": "Cloud"}}`. */
const fields = z.record(
  z
    .string()
    .max(100)
    .regex(
      /^(?!(?:project|issuetype|summary|description|labels|priority|components|assignee|resolution)$)[a-zA-Z0-9_]+$/,
      {
        error: 'must be the id of a field that Mothball does not write itself, as customfield_10010',
      },
    ),
  z.json(),
);

export const jiraSettings = z.strictObject({
  /** `https://acme.atlassian.net` */
  site: originSetting,
  /** The project's key: `SEC` of SEC-12. */
  project: z.string().regex(/^[A-Z][A-Z0-9_]{1,99}$/, 'must be the key of a project in capital letters, as SEC'),
  issueType: name.default('Task'),
  /** Names of priorities by severity; without one, the project's default. */
  priorities: z.strictObject({ low: name, medium: name, high: name, critical: name }).partial().default({}),
  component: name.optional(),
  /** An Atlassian account id. */
  assignee: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{1,128}$/, 'must be an Atlassian account id')
    .optional(),
  fields: fields.default({}),
  close: z
    .strictObject({
      /** Default: the first transition that leads to a status of the category "done". */
      transition: name.optional(),
      resolution: name.default('Done'),
      fields: fields.default({}),
    })
    .prefault({}),
  reopen: z.strictObject({ transition: name.optional(), fields: fields.default({}) }).prefault({}),
  /** Resolutions, or statuses, by which people say that it will not be done. */
  wontDo: z.array(name).max(20).default(["Won't Do", "Won't Fix", 'Declined', 'Rejected']),
});

export const jiraCredential = z.strictObject({
  email: z.email().max(320),
  apiToken: z
    .string()
    .min(10)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'must be the API token and nothing else'),
});

export type JiraSettings = z.infer<typeof jiraSettings>;
export type JiraCredential = z.infer<typeof jiraCredential>;
