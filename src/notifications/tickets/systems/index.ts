import { Injectable } from '@nestjs/common';
import { Clock } from '../../../clock';
import { Config } from '../../../config';
import { Outbound } from '../../../outbound/outbound.service';
import type { TicketSystem, TicketSystemId } from '../ticket-system';
import { GitHubSystem } from './github/github.system';
import { JiraSystem } from './jira/jira.system';
import { PagerDutySystem } from './pagerduty/pagerduty.system';
import { ServiceNowSystem } from './servicenow/servicenow.system';
import { TicketHttp } from './parts/ticket-http';
import { TemplateSystem } from './template/template.system';

/** The ticketing systems there are. */
@Injectable()
export class TicketSystems {
  private readonly all: { readonly [Id in TicketSystemId]: TicketSystem };

  constructor(outbound: Outbound, config: Config, clock: Clock) {
    const http = new TicketHttp(outbound, clock);
    const places = { outbound, config };
    this.all = {
      jira: new JiraSystem(http, places),
      servicenow: new ServiceNowSystem(http, places),
      github: new GitHubSystem(http, places),
      pagerduty: new PagerDutySystem(http, places),
      template: new TemplateSystem(http, places),
    };
  }

  of(id: TicketSystemId): TicketSystem {
    return this.all[id];
  }
}
