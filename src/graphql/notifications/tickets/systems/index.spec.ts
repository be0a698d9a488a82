import { isInputObjectType } from 'graphql';
import { gitHubSettings } from '../../../../notifications/tickets/systems/github/github-settings';
import { jiraSettings } from '../../../../notifications/tickets/systems/jira/jira-settings';
import { pagerDutySettings } from '../../../../notifications/tickets/systems/pagerduty/pagerduty-settings';
import { serviceNowSettings } from '../../../../notifications/tickets/systems/servicenow/servicenow-settings';
import { templateSettings } from '../../../../notifications/tickets/systems/template/template-settings';
import { TICKET_SYSTEMS } from '../../../../notifications/tickets/ticket-system';
import { schemaOfResolvers } from '../../../print-schema';
import { toSystem } from './index';

const settings = {
  jira: ['JiraInput', jiraSettings],
  servicenow: ['ServiceNowInput', serviceNowSettings],
  github: ['GitHubInput', gitHubSettings],
  pagerduty: ['PagerDutyInput', pagerDutySettings],
  template: ['TemplateInput', templateSettings],
} as const;

describe('what the API takes for a ticketing system', () => {
  it('has every setting of it, and no other one', async () => {
    const schema = await schemaOfResolvers();
    const fieldsOf = (name: string): string[] => {
      const type = schema.getType(name);
      if (!isInputObjectType(type)) throw new Error(`There is no input ${name}.`);
      return Object.keys(type.getFields()).sort();
    };
    expect(fieldsOf('TicketSystemInput')).toEqual([...TICKET_SYSTEMS].sort());
    for (const [name, { shape }] of Object.values(settings)) {
      expect([name, ...fieldsOf(name)]).toEqual([name, ...[...Object.keys(shape), 'credential'].sort()]);
    }
  });

  it('is exactly one', () => {
    const github = { owner: 'acme', repository: 'cloud', labels: null, credential: { token: 't' } };
    expect(toSystem({ github })).toEqual({
      system: 'github',
      settings: { owner: 'acme', repository: 'cloud' },
      credential: { token: 't' },
    });
    expect(() => toSystem({})).toThrow(/^input\.system: give exactly one/);
    expect(() => toSystem({ github, jira: { site: 's', project: 'P' } })).toThrow(/^input\.system: give exactly one/);
  });
});
