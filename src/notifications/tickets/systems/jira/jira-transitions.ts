import { z } from 'zod';
import { TicketFailure } from '../../ticket-system';
import { readAs } from '../parts/ticket-http';
import { jiraMust, type JiraApi, type JiraConnection } from './jira-api';

const field = z.object({
  required: z.boolean(),
  name: z.string(),
  hasDefaultValue: z.boolean().optional(),
  allowedValues: z.array(z.object({ name: z.string().optional() })).optional(),
});
const transition = z.object({
  id: z.string(),
  name: z.string(),
  to: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }) }),
  fields: z.record(z.string(), field).optional(),
});

type Transition = z.infer<typeof transition>;

/** What leads an issue to another status: workflows are each project's own, so it is asked each time. */
export class JiraTransitions {
  constructor(private readonly api: JiraApi) {}

  /** Throws `rejected` where no transition leads to "done", or one needs a value that the settings do not have. */
  async close(connection: JiraConnection, id: string): Promise<void> {
    const { close, wontDo } = connection.settings;
    const all = await this.of(connection, id);
    const done = all.filter(({ to }) => to.statusCategory.key === 'done');
    const meant = done.filter(({ name, to }) => !isAmong(wontDo, name) && !isAmong(wontDo, to.name));
    const chosen = close.transition === undefined ? (meant[0] ?? done[0]) : named(all, close.transition);
    if (chosen === undefined) {
      const wanted =
        close.transition === undefined ? 'to a status of the category "Done"' : `named "${close.transition}"`;
      throw new TicketFailure(
        'rejected',
        `Jira has no transition ${wanted} for this issue; ${offered(all)}. Set close.transition.`,
      );
    }
    const resolution = chosen.fields?.resolution;
    const fields = valuesFor(chosen, close.fields, 'close.fields');
    if (resolution !== undefined) fields.resolution = { name: resolutionFor(resolution, connection) };
    await this.take(connection, id, chosen, fields);
  }

  /** False: nothing leads back. */
  async reopen(connection: JiraConnection, id: string): Promise<boolean> {
    const { reopen } = connection.settings;
    const all = await this.of(connection, id);
    const open = all.filter(({ to }) => to.statusCategory.key !== 'done');
    const chosen = reopen.transition === undefined ? open[0] : named(open, reopen.transition);
    if (chosen === undefined) return false;
    await this.take(connection, id, chosen, valuesFor(chosen, reopen.fields, 'reopen.fields'));
    return true;
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get */
  private async of(connection: JiraConnection, id: string): Promise<Transition[]> {
    const doing = 'reading the transitions';
    const answer = await this.api.get(connection, `issue/${id}/transitions?expand=transitions.fields`);
    return readAs(jiraMust(answer, 200, doing), z.object({ transitions: z.array(transition) }), doing).transitions;
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-post */
  private async take(
    connection: JiraConnection,
    id: string,
    { id: chosen, name }: Transition,
    fields: object,
  ): Promise<void> {
    const body = { transition: { id: chosen }, ...(Object.keys(fields).length === 0 ? {} : { fields }) };
    jiraMust(await this.api.send(connection, 'POST', `issue/${id}/transitions`, body), 204, `the transition "${name}"`);
  }
}

/** Only fields of the transition's screen may be sent with it. */
function valuesFor(
  chosen: Transition,
  given: Readonly<Record<string, unknown>>,
  setting: string,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [id, { name, required, hasDefaultValue }] of Object.entries(chosen.fields ?? {})) {
    if (given[id] !== undefined) values[id] = given[id];
    else if (required && hasDefaultValue !== true && id !== 'resolution') {
      throw new TicketFailure(
        'rejected',
        `The transition "${chosen.name}" needs a value for "${name}": set ${setting}.${id}.`,
      );
    }
  }
  return values;
}

function resolutionFor({ allowedValues }: z.infer<typeof field>, { settings }: JiraConnection): string {
  const names = (allowedValues ?? []).map(({ name }) => name ?? '');
  const wanted = settings.close.resolution;
  const found = names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined || names.length === 0) return found ?? wanted;
  throw new TicketFailure(
    'rejected',
    `Jira has no resolution "${wanted}" there: set close.resolution to one of ${names.join(', ')}.`,
  );
}

const named = (all: readonly Transition[], wanted: string): Transition | undefined =>
  all.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
const isAmong = (names: readonly string[], one: string): boolean =>
  names.some((name) => name.toLowerCase() === one.toLowerCase());
const offered = (all: readonly Transition[]): string =>
  all.length === 0 ? 'there are none at all' : `there are ${all.map(({ name }) => `"${name}"`).join(', ')}`;
